using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

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

    /// <summary>Reads what a stage saved of its result: the bytes are those that the row names, and may be of something else.</summary>
    /// <param name="name">What it is the record of, for people.</param>
    /// <param name="bytes">The bytes, as JSON.</param>
    /// <param name="type">What they are to be.</param>
    /// <exception cref="MlOpsException">They are not that.</exception>
    public static T ReadJson<T>(string name, byte[] bytes, JsonTypeInfo<T> type) =>
        Read(name, () => JsonSerializer.Deserialize(bytes, type) ?? throw new InvalidDataException("It is null."));

    /// <summary>Whether a failure comes of values that no row should have.</summary>
    public static bool IsDamage(Exception e) => e is DataException or JsonException or FormatException or InvalidCastException
        or OverflowException or ArgumentException or NullReferenceException or KeyNotFoundException or IndexOutOfRangeException
        or EndOfStreamException or InvalidDataException;

    /// <summary>The error for a row that is damaged.</summary>
    public static MlOpsException Damaged(string problem, Exception inner) =>
        new(problem, "Restore the database from a backup; keep the damaged one for examination.", inner);
}
