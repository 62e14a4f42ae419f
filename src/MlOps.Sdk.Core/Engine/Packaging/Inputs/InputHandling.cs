using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What happens to a value that the input contract of a model does not expect.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputHandling>))]
public enum InputHandling
{
    /// <summary>
    /// The model sees it as it is. What the model cannot read, an absent column or a value of another type, ends the call with an error.
    /// </summary>
    Accept,

    /// <summary>The call ends with an <see cref="InputRejectedException"/>, which has all problems of all rows.</summary>
    Reject,

    /// <summary>A declared value takes its place.</summary>
    Default,

    /// <summary>The model answers, and the answer tells: an absent or mistyped value is a missing one.</summary>
    Flag,
}
