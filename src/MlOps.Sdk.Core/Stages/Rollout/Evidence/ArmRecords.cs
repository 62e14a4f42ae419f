using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>What was recorded of a version in a step, summed up row by row. Not thread-safe.</summary>
/// <param name="input">The columns of a recorded row.</param>
/// <param name="labels">The labels of the version.</param>
/// <param name="attributes">The attributes whose groups are counted.</param>
/// <param name="edges">The edges of the bins of scores; empty where none are counted.</param>
internal sealed class ArmRecords(Schema input, LabelEncoding labels, IReadOnlyList<string> attributes, double[] edges)
{
    // As many as monitoring tells apart.
    private const int MostGroups = 100;
    private const string Others = "(other)";

    private readonly long[] _decisions = new long[labels.Classes.Count];
    private readonly Moments _scores = new();
    private readonly long[] _bins = new long[edges.Length == 0 ? 0 : edges.Length + 1];
    private readonly Dictionary<string, (long Rows, long Positives)>[] _groups =
        [.. attributes.Select(_ => new Dictionary<string, (long, long)>(StringComparer.Ordinal))];

    private readonly int[] _columns = [.. attributes.Select(attribute => Find(input, attribute))];

    public void Add(PredictionRow prediction)
    {
        if (prediction.Decision is { } decision && decision >= 0 && decision < _decisions.Length) _decisions[decision]++;
        if (double.IsFinite(prediction.Score))
        {
            _scores.Add(prediction.Score);
            if (_bins.Length > 0) _bins[BinEdges.Find(prediction.Score, edges)]++;
        }
        if (_columns.Length == 0 || labels.Task != TaskKind.BinaryClassification) return;
        ColumnBuilder[] row = [.. input.Select(field => ColumnBuilder.Create(field.Type, field.Length, 1))];
        RowCodec.Read(prediction.Row.Span, input, row);
        for (var i = 0; i < _columns.Length; i++)
        {
            var group = row[_columns[i]].Build().GetText(0) ?? "";
            if (!_groups[i].ContainsKey(group) && _groups[i].Count >= MostGroups) group = Others;
            var (rows, positives) = _groups[i].GetValueOrDefault(group);
            _groups[i][group] = (rows + 1, positives + (prediction.Decision == 1 ? 1 : 0));
        }
    }

    /// <summary>Writes what was summed up into the evidence.</summary>
    public ArmEvidence AddTo(ArmEvidence evidence) => evidence with
    {
        Decisions = [.. _decisions],
        Scored = _scores.Count,
        MeanScore = _scores.Mean,
        ScoreVariance = _scores.Variance,
        ScoreCounts = [.. _bins],
        Groups = attributes.Select((attribute, i) => (attribute, Groups: _groups[i])).ToDictionary(
            pair => pair.attribute,
            pair => (IReadOnlyList<GroupWindow>)
            [
                .. pair.Groups.OrderBy(group => group.Key, StringComparer.Ordinal).Select(
                    group => new GroupWindow(group.Key.Length == 0 ? null : group.Key, group.Value.Rows, group.Value.Positives)),
            ],
            StringComparer.Ordinal),
    };

    private static int Find(Schema input, string attribute)
    {
        for (var i = 0; i < input.Count; i++)
        {
            if (input[i].Name == attribute) return i;
        }

        throw new MlOpsException(
            $"The attribute '{attribute}' is not recorded with the predictions, so a rollout cannot be guarded by it.",
            $"Name it in EngineerFeatures(features => features.Observe(\"{attribute}\")) and train again.") { Column = attribute };
    }
}
