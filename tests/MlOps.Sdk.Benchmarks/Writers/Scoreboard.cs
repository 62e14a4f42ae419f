using System.IO.MemoryMappedFiles;

namespace MlOps.Sdk.Benchmarks.Writers;

/// <summary>
/// What every writer was told so far, in memory that all processes share: it is still there when a process is killed.
/// A slot has one writer, and a cache line of its own.
/// </summary>
internal sealed class Scoreboard : IDisposable
{
    private const int Slot = 64;
    private const int Longest = 8;
    private const int Errors = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Scoreboard(string path, int slots)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, capacity: slots * Slot);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>The number of the last write that was acknowledged; numbers count from 1.</summary>
    public long AcknowledgedBy(int slot) => _view.ReadInt64(slot * Slot);

    public TimeSpan LongestWaitOf(int slot) => TimeSpan.FromTicks(_view.ReadInt64((slot * Slot) + Longest));

    public long ErrorsOf(int slot) => _view.ReadInt64((slot * Slot) + Errors);

    public void Acknowledge(int slot, long number, TimeSpan wait)
    {
        _view.Write(slot * Slot, number);
        Waited(slot, wait);
    }

    public void CountError(int slot, TimeSpan wait)
    {
        _view.Write((slot * Slot) + Errors, ErrorsOf(slot) + 1);
        Waited(slot, wait);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private void Waited(int slot, TimeSpan wait)
    {
        if (wait > LongestWaitOf(slot)) _view.Write((slot * Slot) + Longest, wait.Ticks);
    }
}
