using System.Text.Json.Serialization;

namespace MlOps.Sdk.Problem;

/// <summary>What is predicted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskKind>))]
public enum TaskKind
{
    /// <summary>One of two classes; a model's score is the probability of the positive class.</summary>
    BinaryClassification,

    /// <summary>One of several classes; a model's scores are a probability per class.</summary>
    MulticlassClassification,

    /// <summary>A number.</summary>
    Regression,
}
