using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>How a cross-validation divides the rows to learn from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FoldKind>))]
public enum FoldKind
{
    /// <summary>At random, with every class spread evenly; rows of one key stay together.</summary>
    Stratified,

    /// <summary>By key: rows of one key stay together, and folds get about equally many rows.</summary>
    Grouped,

    /// <summary>By time: a fold is validated only on rows that are later than those it was trained on.</summary>
    Temporal,
}
