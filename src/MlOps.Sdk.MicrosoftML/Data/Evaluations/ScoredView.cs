using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Labels and scores of a view that a model of ML.NET has scored. Read once, not thread-safe.</summary>
internal sealed class ScoredView
{
    private const string Probability = "Probability";
    private const string Score = "Score";
    private readonly DataViewSchema.Column _scoreColumn;
    private readonly IReadOnlyList<ViewField> _fields;
    private readonly Dataset _rows;

    /// <exception cref="MlOpsException">A column does not exist, or cannot be read.</exception>
    public ScoredView(
        IDataView view, string label, string? score, string? weight, IEnumerable<string> groups, CancellationToken cancellationToken)
    {
        _scoreColumn = DataViewSource.Find(view.Schema, score ?? DefaultScore(view.Schema), "the scored view");
        Label = label;
        Weight = weight;
        Groups = [.. groups.Distinct(StringComparer.Ordinal)];
        var names = new[] { label, _scoreColumn.Name, weight }.OfType<string>().Concat(Groups).Distinct(StringComparer.Ordinal);
        _fields = ViewField.Of(
            [.. names.Select(name => DataViewSource.Find(view.Schema, name, "the scored view"))], "the scored view");
        var rows = new ViewRows(view, _fields, "the scored view");
        _rows = Dataset.FromBatches(rows.Schema, rows.Read(RecordBatch.MaxRows, 0, MalformedRows.Fail, cancellationToken));
    }

    /// <summary>The column of the truth.</summary>
    public string Label { get; }

    /// <summary>The column of the weights; <see langword="null"/> where all rows count alike.</summary>
    public string? Weight { get; }

    /// <summary>The columns of protected attributes.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Makes the evaluation that the types of label and score request.</summary>
    /// <param name="positive">The positive class; <see langword="null"/> where the label says it itself.</param>
    /// <param name="threshold">The score from which a binary classifier decides positive; <see langword="null"/> for 0.5.</param>
    public Evaluation Evaluate(string? positive, double? threshold)
    {
        var label = _rows[Label];
        var (task, classCount, labels) = _rows[_scoreColumn.Name] switch
        {
            VectorColumn => Multiclass(positive, threshold),
            NumberColumn when positive is not null || label.Type is ColumnType.Boolean =>
                (TaskKind.BinaryClassification, 2, Binary(label, positive)),
            NumberColumn when label.Type is ColumnType.Number or ColumnType.Integer && !IsKey(Label) && _scoreColumn.Name != Probability =>
                (TaskKind.Regression, 1, Numbers(label, Label)),
            NumberColumn => throw new MlOpsException(
                $"The score '{_scoreColumn.Name}' is one number per row, but the label '{Label}' does not define its class.",
                "Set the positive class: `positive: \"…\"`.") { Column = Label },
            var other => throw new MlOpsException(
                $"The score '{_scoreColumn.Name}' is {other.Type}.",
                "Name the column of the scores: a number, or a vector with a number per class.") { Column = _scoreColumn.Name },
        };
        return new Evaluation
        {
            Task = task,
            Labels = labels,
            Scores = Scores(task, threshold),
            ClassCount = classCount,
            Threshold = threshold ?? 0.5,
            Weights = Weight is null ? default : Weights(_rows[Weight], Weight),
            Groups = Groups.ToDictionary(name => name, name => (IReadOnlyList<string?>)Texts(_rows[name])),
        };
    }

    private static string DefaultScore(DataViewSchema schema) => schema.GetColumnOrNull(Probability) is null ? Score : Probability;

    private double[] Scores(TaskKind task, double? threshold)
    {
        var scores = _rows[_scoreColumn.Name] is VectorColumn vectors
            ? Array.ConvertAll(vectors.Values.ToArray(), value => (double)value)
            : Numbers(_rows[_scoreColumn.Name], _scoreColumn.Name);
        var width = _rows[_scoreColumn.Name].ElementCount;
        for (var i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i]))
            {
                throw new MlOpsException(
                    $"The score of row {Number(i / width)} is NaN.",
                    "Fill missing features before the trainer, or remove such rows.") { Column = _scoreColumn.Name };
            }
            if (task == TaskKind.BinaryClassification && threshold is null && scores[i] is < 0 or > 1)
            {
                var score = scores[i].ToString("R", CultureInfo.InvariantCulture);
                throw new MlOpsException(
                    $"The score of row {Number(i / width)} is {score}, which is not a probability.",
                    $"Name the column '{Probability}'. A trainer without one gives a margin: calibrate it with " +
                        "mlContext.BinaryClassification.Calibrators.Platt, or set `threshold` to the lowest margin of a positive.")
                {
                    Column = _scoreColumn.Name
                };
            }
        }

        return scores;
    }

    private double[] Binary(Column label, string? positive)
    {
        var labels = new double[label.Length];
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < labels.Length; row++)
        {
            var text = label.GetText(row) ?? throw MissingLabel(row);
            found.Add(text);
            labels[row] = text == (positive ?? "true") ? 1 : 0;
        }

        if (positive is not null && labels.Length > 0 && !found.Contains(positive) && !IsClass(label, positive))
        {
            throw new MlOpsException(
                $"The positive class '{positive}' does not occur in the label '{Label}'.",
                $"The values are {Listed(found)}; name one of them.") { Column = Label };
        }
        if (found.Count > 2)
        {
            throw new MlOpsException(
                $"The label '{Label}' of a binary classification has {found.Count} values: {Listed(found)}.",
                "Name the column of a score per class, or use a label with two values.") { Column = Label };
        }
        return labels;
    }

    private (TaskKind Task, int ClassCount, double[] Labels) Multiclass(string? positive, double? threshold)
    {
        if (positive is not null || threshold is not null)
        {
            throw new MlOpsException(
                $"The score '{_scoreColumn.Name}' has a number per class, so there is neither a positive class nor a threshold.",
                "Omit `positive` and `threshold`, or name a score that is one number.") { Column = _scoreColumn.Name };
        }
        var label = _rows[Label];
        var count = _rows[_scoreColumn.Name].ElementCount;
        return (TaskKind.MulticlassClassification, count, ClassNames(count) is { } names ? Named(label, names) : Numbered(label, count));
    }

    // Trainers say which class each score is for. The order is that of the training rows' first occurrence, and not that of a label whose
    // keys were made again.
    private IReadOnlyList<string>? ClassNames(int count)
    {
        var names = KeyTexts.Of(_scoreColumn, "TrainingLabelValues") ?? KeyTexts.Of(_scoreColumn, "SlotNames");
        return names?.Count == count && names.Distinct(StringComparer.Ordinal).Count() == count ? names : null;
    }

    private double[] Named(Column label, IReadOnlyList<string> names)
    {
        var index = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var labels = new double[label.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            var text = label.GetText(row) ?? throw MissingLabel(row);
            labels[row] = index.TryGetValue(text, out var k)
                ? k
                : throw new MlOpsException(
                    $"The label of row {Number(row)} is '{text}', which is not one of the model's classes.",
                    $"The classes are {Listed(names)}. Remove rows of other classes.") { Column = Label };
        }

        return labels;
    }

    private double[] Numbered(Column label, int count)
    {
        if (!IsKey(Label) || label is not IntegerColumn keys)
        {
            throw new MlOpsException(
                $"The score '{_scoreColumn.Name}' does not name its classes, and the label '{Label}' is not a key without names.",
                "Score the rows with the pipeline that was trained with the label's key, which names the classes.") { Column = Label };
        }
        var labels = new double[label.Length];
        for (var row = 0; row < labels.Length; row++)
        {
            if (label.IsNull(row)) throw MissingLabel(row);
            labels[row] = keys.Values[row] <= count
                ? keys.Values[row] - 1
                : throw new MlOpsException(
                    $"The label of row {Number(row)} is key {keys.Values[row]}, but there are scores for {count} classes.",
                    "Score the rows with the pipeline that was trained with this label.") { Column = Label };
        }

        return labels;
    }

    private double[] Numbers(Column column, string name)
    {
        var numbers = new double[column.Length];
        for (var row = 0; row < numbers.Length; row++)
        {
            numbers[row] = column.GetNumber(row);
            if (name == Label && double.IsNaN(numbers[row])) throw MissingLabel(row);
        }

        return numbers;
    }

    private static double[] Weights(Column column, string name)
    {
        var weights = new double[column.Length];
        for (var row = 0; row < weights.Length; row++)
        {
            weights[row] = column.GetNumber(row);
            if (!(double.IsFinite(weights[row]) && weights[row] > 0))
            {
                throw new MlOpsException(
                    $"The weight of row {Number(row)} is {column.GetText(row) ?? "missing"}.",
                    "A weight must be a finite number above 0; remove rows that should not count.") { Column = name };
            }
        }

        return weights;
    }

    private bool IsKey(string column) => _fields[_rows.Schema.IndexOf(column)].Source.Type is KeyDataViewType;

    // A class that no row of a small table has is right all the same when the label's type knows it.
    private bool IsClass(Column label, string text) =>
        label.Type == ColumnType.Boolean ? text is "true" or "false" : _fields[_rows.Schema.IndexOf(Label)].Keys?.Contains(text) == true;

    private MlOpsException MissingLabel(int row) =>
        new($"The label of row {Number(row)} is missing.", "Remove rows without a label: they cannot be evaluated.") { Column = Label };

    private static string?[] Texts(Column column) => [.. Enumerable.Range(0, column.Length).Select(column.GetText)];

    private static string Number(int row) => (row + 1).ToString(CultureInfo.InvariantCulture);

    private static string Listed(IReadOnlyCollection<string> values) =>
        string.Join(", ", values.Take(10).Select(value => $"'{value}'")) + (values.Count > 10 ? ", …" : "");
}
