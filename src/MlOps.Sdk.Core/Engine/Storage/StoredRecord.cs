using System.Data;
using System.Text.Json;

namespace MlOps.Sdk.Storage;

/// <summary>Reads what rows of the database hold. A damaged row is reported as such, not as what failed because of it.</summary>
internal static class StoredRecord
{
    /// <summary>Makes a record of a row.</summary>
    /// <param name="name">What it is the record of, for people: <c>run '…'</c>.</param>
    /// <param name="read">Makes it.</param>
    /// <exception cref="MlOpsException">The row is damaged.</exception>
    public static T Read<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is MlOpsException || IsDamage(e))
        {
            throw Damaged($"The record of {name} is damaged: {(e as MlOpsException)?.Problem ?? e.Message}", e);
        }
    }

    /// <summary>Whether a failure comes of values that no row should have.</summary>
    public static bool IsDamage(Exception e) => e is DataException or JsonException or FormatException or InvalidCastException
        or OverflowException or ArgumentException or NullReferenceException or KeyNotFoundException or IndexOutOfRangeException
        or EndOfStreamException or InvalidDataException;

    /// <summary>The error for a row that is damaged.</summary>
    public static MlOpsException Damaged(string problem, Exception inner) =>
        new(problem, "Restore the database from a backup; keep the damaged one for examination.", inner);
}
