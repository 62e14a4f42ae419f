using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>What was sent to an MLflow server.</summary>
public sealed record MlflowReport
{
    /// <summary>How many runs were made there.</summary>
    public required int Created { get; init; }

    /// <summary>How many were there already, and were completed: they had changed since, or an export was ended before its end.</summary>
    public required int Continued { get; init; }

    /// <summary>How many were there already, as they are here.</summary>
    public required int Unchanged { get; init; }

    /// <summary>How many values of metrics were sent.</summary>
    public required long Metrics { get; init; }

    /// <summary>How many artifacts were sent.</summary>
    public required int Artifacts { get; init; }

    /// <summary>
    /// How many artifacts were left out, because the server does not take artifacts: its runs have them elsewhere than at
    /// <c>mlflow-artifacts:</c>.
    /// </summary>
    public required int ArtifactsLeftOut { get; init; }

    /// <summary>How many texts were cut, because MLflow does not keep longer ones; they end with <c>…</c>.</summary>
    public required int Cut { get; init; }

    /// <summary>The runs that are in progress, and were left out.</summary>
    public required IReadOnlyList<string> InProgress { get; init; }

    /// <summary>
    /// The runs that could not be sent, or not as a whole, and why: the server rejects something in them, their experiment is deleted
    /// there, or an artifact is lost here. An export that is repeated tries them again.
    /// </summary>
    public IReadOnlyList<RefusedRun> Refused { get; init; } = [];

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
