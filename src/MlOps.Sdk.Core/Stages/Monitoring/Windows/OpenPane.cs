using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The part of a window that this process adds to: what is stored of it, and what was added since. Holds profiles, so its size does not
/// depend on the number of predictions. Not thread-safe.
/// </summary>
internal sealed class OpenPane
{
    private const int BitsOfStore = 16;

    private readonly string _model;
    private readonly WindowShape _shape;

    // Its upper bits are its own: no other part of any process has the same marks.
    private readonly long _firstMark = (BitConverter.ToInt64(Guid.NewGuid().ToByteArray()) & ((1L << 46) - 1)) << BitsOfStore;
    private long _no;
    private int _stores;
    private int _storesBefore;
    private Part? _stored;
    private Part? _fresh;

    public OpenPane(string model, MonitoringWindows windows, long key, int version, WindowShape shape) =>
        (_model, Windows, Key, Version, _shape) = (model, windows.Text, key, version, shape);

    /// <summary>Which windows it is a part of.</summary>
    public string Windows { get; }

    public long Key { get; }

    public int Version { get; }

    /// <summary>The mark of predictions that are added now.</summary>
    public long Mark => _firstMark + _stores;

    /// <summary>When it was added to last, counted by stores of the process.</summary>
    public long Used { get; set; }

    public bool HasFresh => _fresh is not null;

    /// <summary>Whether it has no marks left: the next prediction of its window begins another part.</summary>
    public bool IsFull => _stores >= (1 << BitsOfStore) - 1;

    /// <summary>Whether it compares with the same baseline.</summary>
    public bool Fits(WindowShape shape) => ReferenceEquals(shape, _shape) || shape.Hash == _shape.Hash;

    public void Add(RecordBatch rows, ReadOnlySpan<double> scores, long firstAt, long lastAt)
    {
        _fresh ??= new Part(new MonitoringWindow(_model, Version, _shape, 0), firstAt, lastAt);
        _fresh.Window.Add(rows, scores);
        (_fresh.FirstAt, _fresh.LastAt) = (Math.Min(_fresh.FirstAt, firstAt), Math.Max(_fresh.LastAt, lastAt));
    }

    /// <summary>What is to be stored: the whole part, and what is new in it. Changes nothing here.</summary>
    public (PaneRow Whole, Func<PaneRow> Fresh, Action<long, bool> Accept) Store(string owner, DateTimeOffset now)
    {
        var fresh = _fresh!;
        var whole = fresh;
        if (_stored is { } stored)
        {
            whole = new Part(
                new MonitoringWindow(_model, Version, _shape, 0),
                Math.Min(stored.FirstAt, fresh.FirstAt),
                Math.Max(stored.LastAt, fresh.LastAt));
            whole.Window.Merge(stored.Window);
            whole.Window.Merge(fresh.Window);
        }

        return (
            RowOf(whole, _storesBefore),
            () => RowOf(fresh, _stores),
            (no, isWhole) =>
            {
                _stored = isWhole ? whole : fresh;
                if (!isWhole) _storesBefore = _stores;
                (_no, _fresh) = (no, null);
                _stores++;
            });

        PaneRow RowOf(Part part, int firstStore) => new()
        {
            No = _no,
            Model = _model,
            Windows = Windows,
            Key = Key,
            Version = Version,
            Owner = owner,
            FirstAt = part.FirstAt,
            LastAt = part.LastAt,
            Rows = part.Window.RowCount,
            Marks = PaneMarks.Of(_firstMark + firstStore, _firstMark + _stores),
            StoredAt = now.UtcTicks,
            Profiles = PaneFile.Write(part.Window, _shape),
        };
    }

    private sealed class Part(MonitoringWindow window, long firstAt, long lastAt)
    {
        public MonitoringWindow Window => window;

        public long FirstAt { get; set; } = firstAt;

        public long LastAt { get; set; } = lastAt;
    }
}
