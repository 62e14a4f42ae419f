using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>How records stand in a text file. Implementations are immutable and thread-safe.</summary>
internal interface IRecordFormat
{
    /// <summary>The encoding of text without a byte order mark; <see langword="null"/> for UTF-8.</summary>
    Encoding? Encoding { get; }

    /// <summary>The columns and types as given; <see langword="null"/> when they are inferred.</summary>
    Schema? Schema { get; }

    /// <summary>What besides the text decides the rows; empty for the defaults.</summary>
    string Settings { get; }

    /// <summary>Whether a column that a file does not have is one without values.</summary>
    bool MayLackColumns { get; }

    /// <summary>Begins a pass over the records.</summary>
    /// <param name="utf8">The text; stays open.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="schema">The columns of the file with their types; <see langword="null"/> to find them out.</param>
    /// <param name="columns">The columns that are wanted, in this order; <see langword="null"/> for all.</param>
    /// <param name="checks">Whether lines are counted and the form of each record is checked.</param>
    RecordReader Open(Stream utf8, string name, Schema? schema, IReadOnlyList<string>? columns, bool checks);
}
