using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>How a value differs from what the input contract of a model expects.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputProblemKind>))]
public enum InputProblemKind
{
    /// <summary>The row does not have a column that the model reads.</summary>
    MissingColumn,

    /// <summary>The row has a column that the model does not read.</summary>
    ExtraColumn,

    /// <summary>There is no value: none, or a number that is NaN.</summary>
    Missing,

    /// <summary>The column cannot hold the value without loss.</summary>
    Mistyped,

    /// <summary>A number is outside the range of the training rows and its slack.</summary>
    OutOfDomain,

    /// <summary>A text is none of those in the training rows.</summary>
    Unseen,
}
