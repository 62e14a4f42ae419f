namespace MlOps.Sdk.Storage;

/// <summary>A prediction, with its label where one was requested, as the database gives it.</summary>
internal sealed class PredictionRecord
{
    /// <summary>The columns of table <c>predictions</c> under the alias <c>p</c>, without the position.</summary>
    public const string Columns =
        "p.id AS Id, p.model AS Model, p.version AS Version, p.at AS At, p.row AS Row, p.score AS Score, " +
        "p.scores AS Scores, p.decision AS Decision, p.generation AS Generation";

    public long Position { get; init; }

    public string Id { get; init; } = "";

    public string Model { get; init; } = "";

    public int Version { get; init; }

    public long At { get; init; }

    public byte[] Row { get; init; } = [];

    public double? Score { get; init; }

    public byte[] Scores { get; init; } = [];

    public int? Decision { get; init; }

    public long Generation { get; init; }

    public string Label { get; init; } = "";

    public long LabelledAt { get; init; }

    public PredictionRow ToPrediction() =>
        new(Id, Model, Version, Ticks.ToTime(At), Row, Score ?? double.NaN, Scores, Decision) { Generation = Generation };
}
