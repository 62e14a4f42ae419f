namespace MlOps.Sdk.Tracking;

/// <summary>
/// Decides which messages of a run have a place in its log, which is bounded in number and bytes. A quarter of both is for how the run
/// began and a quarter for the latest messages, whatever their level. Between them, the message of the lowest level gives way, and of
/// those the oldest. Not thread-safe.
/// </summary>
internal sealed class RunLogPlaces
{
    private const int Parts = 4;
    private readonly int _entries;
    private readonly int _bytes;
    private readonly List<RunLogMark> _head = [];
    private readonly Queue<RunLogMark> _tail = [];
    private readonly Queue<RunLogMark>[] _middle = [[], [], [], [], [], []];
    private int _headBytes;
    private int _tailBytes;
    private int _middleCount;
    private int _middleBytes;
    private bool _isBegun;

    public RunLogPlaces(int entries, int bytes) => (_entries, _bytes) = (entries, bytes);

    /// <summary>The messages that have a place.</summary>
    public IEnumerable<RunLogMark> Kept => _head.Concat(_middle.SelectMany(level => level)).Concat(_tail);

    /// <summary>Gives a message a place.</summary>
    /// <returns>The messages that lose theirs.</returns>
    public IReadOnlyList<RunLogMark> Add(RunLogMark mark)
    {
        if (!_isBegun && _head.Count < _entries / Parts && _headBytes + mark.Size <= _bytes / Parts)
        {
            _head.Add(mark);
            _headBytes += mark.Size;
            return [];
        }

        _isBegun = true;
        _tail.Enqueue(mark);
        _tailBytes += mark.Size;
        while (_tail.Count > 1 && (_tail.Count > _entries / Parts || _tailBytes > _bytes / Parts))
        {
            var passed = _tail.Dequeue();
            _tailBytes -= passed.Size;
            _middle[passed.Level].Enqueue(passed);
            _middleCount++;
            _middleBytes += passed.Size;
        }

        List<RunLogMark>? lost = null;
        while (_middleCount > _entries - (2 * (_entries / Parts)) || _middleBytes > _bytes - (2 * (_bytes / Parts)))
        {
            var least = _middle.First(level => level.Count > 0).Dequeue();
            _middleCount--;
            _middleBytes -= least.Size;
            (lost ??= []).Add(least);
        }

        return lost ?? (IReadOnlyList<RunLogMark>)[];
    }
}
