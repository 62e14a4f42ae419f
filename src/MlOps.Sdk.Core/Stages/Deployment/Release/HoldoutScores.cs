using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>What a run's package answered to the rows of its holdout, in their order: two runs can be compared row by row.</summary>
internal sealed record HoldoutScores
{
    /// <summary>The name of the output.</summary>
    public const string Name = "holdout scores";

    /// <summary>More scores than these are not kept: 80 MB.</summary>
    public const int MostScores = 10_000_000;

    private const byte FormatVersion = 1;

    /// <summary>The names of the metrics, that which was optimized first.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Labels, scores, weights, threshold and classes; no groups.</summary>
    public required Evaluation Evaluation { get; init; }

    public byte[] Save()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new BinaryOutput(bytes);
        writer.Byte(FormatVersion);
        writer.Int32(Metrics.Count);
        foreach (var metric in Metrics) writer.Text(metric);
        writer.Text(Evaluation.Task.ToString());
        writer.Int32(Evaluation.ClassCount);
        writer.Int32(Evaluation.Classes.Count);
        foreach (var name in Evaluation.Classes) writer.Text(name);
        writer.Double(Evaluation.Threshold);
        writer.Doubles(Evaluation.Labels.Span);
        writer.Doubles(Evaluation.Weights.Span);
        writer.Doubles(Evaluation.Scores.Span);
        return bytes.WrittenSpan.ToArray();
    }

    /// <exception cref="MlOpsException">The bytes are damaged, or of a later version of the library.</exception>
    public static HoldoutScores Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "scores of the holdout", "Run the lifecycle again, with reuse turned off.");
        reader.Version(FormatVersion);
        var metrics = new string[reader.Length(4)];
        for (var i = 0; i < metrics.Length; i++) metrics[i] = reader.Text();
        if (!Enum.TryParse<TaskKind>(reader.Text(), out var task)) throw reader.Damaged("it has no such task");
        var classCount = reader.Int32();
        var classes = new string[reader.Length(4)];
        for (var i = 0; i < classes.Length; i++) classes[i] = reader.Text();
        var threshold = reader.Double();
        var (labels, weights, scores) = (reader.Doubles(), reader.Doubles(), reader.Doubles());
        reader.End();
        var width = task == TaskKind.MulticlassClassification ? classCount : 1;
        if (scores.Length != (long)labels.Length * width || (weights.Length != 0 && weights.Length != labels.Length))
        {
            throw reader.Damaged("labels, weights and scores are not of the same rows");
        }

        return new HoldoutScores
        {
            Metrics = metrics,
            Evaluation = new Evaluation
            {
                Task = task, ClassCount = classCount, Classes = classes, Threshold = threshold, Labels = labels, Weights = weights,
                Scores = scores,
            },
        };
    }
}
