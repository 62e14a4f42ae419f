using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>The place of a message in the log of a run.</summary>
/// <param name="no">Its number.</param>
/// <param name="level">Its level.</param>
/// <param name="size">How much of the bound it takes.</param>
/// <param name="row">The message; <see langword="null"/> when it is stored.</param>
internal sealed class RunLogMark(long no, int level, int size, RunLogRow? row)
{
    public long No => no;

    public int Level => level;

    public int Size => size;

    /// <summary>The message, until it is stored.</summary>
    public RunLogRow? Row { get; private set; } = row;

    /// <summary>Whether it may be in the database.</summary>
    public bool IsWritten { get; set; } = row is null;

    public void SetStored() => Row = null;
}
