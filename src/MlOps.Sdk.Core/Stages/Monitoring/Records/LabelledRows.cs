using System.Runtime.InteropServices;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>Collects labelled predictions of a version as rows that metrics are computed from. Not thread-safe.</summary>
internal sealed class LabelledRows
{
    private readonly RecordedModel _model;
    private readonly IReadOnlyList<string> _attributes;
    private readonly int[] _columns;
    private readonly List<string?>[] _groups;
    private readonly ColumnBuilder[] _row;
    private readonly Dictionary<string, int> _classes;
    private readonly List<double> _labels = [];
    private readonly List<double> _scores = [];
    private long _unknown;
    private long _unscored;

    /// <exception cref="MlOpsException">An attribute is not recorded.</exception>
    public LabelledRows(RecordedModel model, IReadOnlyList<string> attributes)
    {
        (_model, _attributes) = (model, attributes);
        _columns = [.. attributes.Select(attribute => ColumnOf(model, attribute))];
        _groups = [.. attributes.Select(_ => new List<string?>())];
        _row = [.. model.Input.Select(field => ColumnBuilder.Create(field.Type, field.Length, 1))];
        _classes = Labels.Classes.Select((name, index) => (name, index)).ToDictionary(
            entry => entry.name, entry => entry.index, StringComparer.Ordinal);
    }

    /// <summary>How many predictions were added, usable or not.</summary>
    public int Read { get; private set; }

    private LabelEncoding Labels => _model.Decision.Labels;

    public void Add(LabelledPrediction labelled)
    {
        Read++;
        var scores = MemoryMarshal.Cast<byte, double>(labelled.Prediction.Scores.Span);
        if (scores.Length != Labels.Outputs || scores.ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
        {
            _unscored++;
            return;
        }
        if (Encode(labelled.Label) is not { } label)
        {
            _unknown++;
            return;
        }

        _labels.Add(label);
        _scores.AddRange(scores);
        if (_columns.Length == 0) return;
        foreach (var column in _row) column.Clear();
        RowCodec.Read(labelled.Prediction.Row.Span, _model.Input, _row);
        for (var i = 0; i < _columns.Length; i++) _groups[i].Add(_row[_columns[i]].View.GetText(0));
    }

    public LabelledPredictions Build(LabelCoverage coverage, DateTimeOffset from, DateTimeOffset to) => new()
    {
        Version = _model.Version,
        From = from,
        To = to,
        Evaluation = new Evaluation
        {
            Task = Labels.Task,
            Labels = _labels.ToArray(),
            Scores = _scores.ToArray(),
            ClassCount = Labels.ClassCount,
            Classes = Labels.Classes,
            Threshold = _model.Decision.Threshold,
            Groups = _attributes.Select((attribute, i) => (attribute, Groups: (IReadOnlyList<string?>)_groups[i])).ToDictionary(
                pair => pair.attribute, pair => pair.Groups, StringComparer.Ordinal),
        },
        Classes = Labels.Classes,
        Predictions = coverage.Predictions,
        Labelled = coverage.Labelled,
        UnknownLabels = _unknown,
        Unscored = _unscored,
        IsCut = coverage.Labelled > Read,
    };

    private static int ColumnOf(RecordedModel model, string attribute) => model.Input.TryGetIndex(attribute, out var index)
        ? index
        : throw new MlOpsException(
            $"The attribute '{attribute}' is not recorded with the predictions of '{model.Model}'.",
            $"Name it in EngineerFeatures(features => features.Observe(\"{attribute}\")) and train again.") { Column = attribute };

    private double? Encode(string label)
    {
        if (Labels.Task != TaskKind.Regression)
        {
            return Labels.Find(label) is { } known && _classes.TryGetValue(known, out var index) ? index : null;
        }

        return FieldText.TryNumber(Encoding.UTF8.GetBytes(label), out var number) && double.IsFinite(number) ? number : null;
    }
}
