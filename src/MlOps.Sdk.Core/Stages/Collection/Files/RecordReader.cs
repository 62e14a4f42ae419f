using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>One pass over the records of a text file. Not thread-safe.</summary>
internal abstract class RecordReader : IDisposable
{
    /// <summary>The line on which the current record starts, from 1; only where records are checked.</summary>
    public abstract long Line { get; }

    /// <summary>Where the current record starts, in bytes of UTF-8 text.</summary>
    public abstract long Offset { get; }

    /// <summary>The current record exactly as in the text.</summary>
    public abstract ReadOnlySpan<byte> Raw { get; }

    /// <summary>The columns that are read; where they are inferred, those that were found so far, without types.</summary>
    public abstract IReadOnlyList<Field> Columns { get; }

    /// <summary>The types of the columns, as far as values were seen of them; only where they are inferred.</summary>
    public abstract IReadOnlyList<ColumnType?> Types { get; }

    /// <summary>What somebody should look at in the columns whose types were inferred, as sentences.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>The columns of a given schema that no record had, where a record may lack some.</summary>
    public virtual IReadOnlyList<string> Absent => [];

    /// <summary>Advances to the next record.</summary>
    /// <exception cref="MlOpsException">What follows cannot be separated into records.</exception>
    public abstract bool Read();

    /// <summary>Checks the current record against the columns, or finds out their types from it.</summary>
    /// <returns>What is wrong with it; <see langword="null"/> for nothing.</returns>
    public abstract RowFault? Check();

    /// <summary>Appends the current record.</summary>
    /// <param name="rows">The columns.</param>
    /// <param name="lenient">Whether a value that cannot be read is missing, after <see cref="Check"/> found fault with values.</param>
    /// <returns>Whether every value could be read.</returns>
    public abstract bool Append(RecordBatchBuilder rows, bool lenient);

    public abstract void Dispose();
}
