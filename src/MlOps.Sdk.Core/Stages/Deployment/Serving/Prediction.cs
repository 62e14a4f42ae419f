using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>An answer, with what is needed to trace it.</summary>
/// <typeparam name="T">The type of the answer.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="Version">The model version that gave it.</param>
/// <param name="Id">The id under which its true label can be reported later.</param>
public readonly record struct Prediction<T>(T Value, int Version, PredictionId Id)
{
    private readonly string? _arm;

    /// <summary>The arm that answered: <c>live</c>, or the name of a <see cref="TrafficArm"/>.</summary>
    public string Arm
    {
        get => _arm ?? TrafficArm.Live;
        init => _arm = value;
    }

    /// <summary>How many values of the row the input contract flagged: see <see cref="InputHandling.Flag"/>.</summary>
    public int Flags { get; init; }

    /// <summary>Whether the model answered a row with values that its input contract does not expect.</summary>
    public bool IsFlagged => Flags > 0;
}
