using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>One training of a pipeline. Confined to a thread.</summary>
internal sealed class PipelineTraining(
    MLContext ml,
    RowTrainingContext context,
    string name,
    Func<MLContext, PipelineSettings, IEstimator<ITransformer>> build,
    IReadOnlyDictionary<string, HyperparameterValue> parameters,
    CancellationToken cancellationToken)
{
    private const int CalibrationFolds = 3;

    // Scores that are probabilities in so many rows are believed to be so in all.
    private const int RowsToJudge = 1000;

    private string Label => context.Problem.Label;

    /// <summary>Fits the pipeline, and finds out what it reads and writes.</summary>
    public PipelineModel Run()
    {
        if (context.Rows.RowCount == 0) throw new MlOpsException("There are no training rows.", "Check the filters in ProcessData.");
        var weight = context.Weights.IsEmpty ? null : FreeName("Weight");
        var settings = Settings(weight);
        var (inputs, texts) = Bind(settings, Build(settings), weight, out var columns);
        var view = new InputView(inputs, columns, 0, context.Rows.RowCount, cancellationToken);
        var fitted = Fit(weight, view);
        try
        {
            CheckWeights(weight, inputs, view);
            var output = Calibrate(fitted, inputs, columns, weight, texts);
            var model = Finish(fitted, inputs, view, output);
            CheckDirection(model);
            return model;
        }
        catch
        {
            (fitted as IDisposable)?.Dispose();
            throw;
        }
    }

    private PipelineSettings Settings(string? weight) => new(context, parameters, weight);

    private IEstimator<ITransformer> Build(PipelineSettings settings) => build(ml, settings)
        ?? throw new MlOpsException($"The function of the pipeline '{name}' returned null.", "Return the pipeline.");

    private ITransformer Fit(string? weight, InputView view)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // A pipeline of its own, as a part that remembers what it was fitted on would leak from fold to fold.
        return ScoringPart.Of(EstimatorFit.Run(Build(Settings(weight)), view, context, cancellationToken));
    }

    // Chooses the form of the label that the pipeline accepts.
    private (InputSchema Inputs, IReadOnlyList<string> Texts) Bind(
        PipelineSettings settings, IEstimator<ITransformer> estimator, string? weight, out Column?[] columns)
    {
        string? failure = null;
        foreach (var form in LabelForm.Of(context, settings.Kinds.TryGetValue(Label, out var asked) ? asked : null))
        {
            var inputs = new List<InputColumn>();
            var values = new List<Column?>();
            foreach (var (i, field) in context.Rows.Schema.Index())
            {
                if (field.Name == Label)
                {
                    inputs.Add(form.Column);
                    values.Add(null);
                    continue;
                }

                inputs.Add(settings.Kinds.TryGetValue(field.Name, out var kind) ? InputColumn.Of(field, kind) : InputColumn.Of(field));
                values.Add(context.Rows.Columns[i]);
            }

            if (weight is not null)
            {
                inputs.Add(new InputColumn(weight, InputKind.Single, ColumnType.Number));
                values.Add(Weights());
            }

            var schema = new InputSchema(inputs);
            if (EstimatorShape.Mismatch(estimator, schema.Schema) is { } mismatch)
            {
                failure ??= mismatch;
                continue;
            }

            values[context.Rows.Schema.IndexOf(Label)] = form.Values();
            columns = [.. values];
            return (schema, form.Texts);
        }

        throw new MlOpsException(
            $"The pipeline '{name}' does not fit the rows: {failure!.TrimEnd('.')}.",
            $"The columns are: {string.Join(", ", settings.Columns.Take(40).Select(field => $"{field.Name} ({field.Type})"))}" +
                $"{(settings.Columns.Count > 40 ? ", …" : "")}; the label is '{Label}', as labelColumnName: settings.Label. " +
                "settings.Read(…) changes the type that a column is read as.");
    }

    private Column Weights()
    {
        var builder = (NumberColumnBuilder)ColumnBuilder.Create(ColumnType.Number, capacity: context.Weights.Length);
        foreach (var weight in context.Weights.Span) builder.Append(weight);
        return builder.Build();
    }

    private void CheckWeights(string? weight, InputSchema inputs, InputView view)
    {
        if (weight is null || view.Read.Contains(IndexOf(inputs, weight))) return;
        throw new MlOpsException(
            $"The rows have weights, but the pipeline '{name}' does not read them.",
            "Give its trainer exampleWeightColumnName: settings.Weight, or remove Weight(…) or BalanceClasses().");
    }

    private PipelineOutput Calibrate(
        ITransformer fitted, InputSchema inputs, Column?[] columns, string? weight, IReadOnlyList<string> texts)
    {
        using var judged = new PipelineScores(Score(fitted, inputs, texts), context.ClassCount);
        var output = judged.Output;
        if (context.Task == TaskKind.Regression || output.Kind == OutputKind.Probability) return output;
        int[] first = [.. Enumerable.Range(0, Math.Min(RowsToJudge, context.Rows.RowCount))];
        if (output.Kind == OutputKind.ClassScores && judged.AreProbabilities(columns, first)) return output;
        return output with { Scalings = Scalings(inputs, columns, weight, texts) };
    }

    // Margins of rows that the pipeline was not trained on, or the probabilities would be those of rows that it knows by heart.
    private IReadOnlyList<PlattScaling> Scalings(InputSchema inputs, Column?[] columns, string? weight, IReadOnlyList<string> texts)
    {
        var folds = CalibrationRows.Split(
            context.Labels.Span, context.Groups.Span, context.ClassCount, CalibrationFolds, context.Seed);
        var margins = new double[context.Rows.RowCount][];
        foreach (var fold in folds)
        {
            var others = CalibrationRows.Others(fold, context.Rows.RowCount);
            var fitted = Fit(weight, new InputView(inputs, columns, others, cancellationToken));
            using var owner = fitted as IDisposable;
            using var scores = new PipelineScores(Score(fitted, inputs, texts), context.ClassCount);
            foreach (var row in fold)
            {
                cancellationToken.ThrowIfCancellationRequested();
                margins[row] = scores.Raw(columns, row);
            }
        }

        return MarginCalibration.Fit(margins, context);
    }

    private (RowPipeline Pipeline, PipelineOutput Output) Score(ITransformer fitted, InputSchema inputs, IReadOnlyList<string> texts)
    {
        PipelineOutput? output = null;
        var pipeline = new RowPipeline(fitted, inputs, schema =>
        {
            output = OutputColumns.Find(schema, context.Encoding, texts);
            return [OutputColumns.Require(schema, output)];
        });
        return (pipeline, output!);
    }

    private PipelineModel Finish(ITransformer fitted, InputSchema inputs, InputView view, PipelineOutput output)
    {
        HashSet<int> read = [.. Score(fitted, inputs, output).Read];
        if (read.FirstOrDefault(i => inputs.Columns[i].Name == Label, -1) >= 0)
        {
            throw new MlOpsException(
                $"The pipeline '{name}' reads the label '{Label}' to predict it.",
                "Remove the label from the features: the model would learn to repeat it.") { Column = Label };
        }
        if (read.FirstOrDefault(i => !context.Rows.Schema.Contains(inputs.Columns[i].Name), -1) >= 0)
        {
            throw new MlOpsException(
                $"The pipeline '{name}' reads the weights of the rows to predict.",
                "Remove them from the features: there are no weights in serving.");
        }
        if (read.Count == 0)
        {
            throw new MlOpsException($"The pipeline '{name}' reads no column to predict.", "Name the columns for its features.");
        }

        // Steps may request columns that no prediction needs, as for the label. Such columns exist when it serves, and are never read.
        HashSet<int> kept = [.. read, .. view.Read];
        var served = Served(inputs, read, kept.Contains);
        if (!Accepts(fitted, served)) served = Served(inputs, read, _ => true);
        var zip = ModelFile.Save(ml, fitted, served.Schema, $"The pipeline '{name}'").ToBytes();
        var outputs = context.Task == TaskKind.MulticlassClassification ? context.ClassCount : 1;
        var header = new PipelineHeader(context.Task, outputs, [.. served.Columns], output);
        return new PipelineModel(header, zip, fitted);
    }

    // The label may be turned into true and false by the pipeline itself, and only what it learned tells which class it took for true.
    private void CheckDirection(PipelineModel model)
    {
        if (context.Task != TaskKind.BinaryClassification) return;
        Column[] columns = [.. model.Inputs.Select(field => context.Rows[field.Name])];
        var count = Math.Min(RowsToJudge, context.Rows.RowCount);
        var (labels, scores) = (new List<double>(count), new List<double>(count));
        using var scratch = new PredictScratch();
        var output = new double[1];
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = (int)((long)i * context.Rows.RowCount / count);
            try
            {
                model.Predict(new RowBlock(columns, row, 1), output, scratch);
            }
            catch (MlOpsException)
            {
                // A row that the pipeline gives no number for says nothing of its direction; it is rejected where it is judged.
                continue;
            }

            labels.Add(context.Labels.Span[row]);
            scores.Add(output[0]);
        }

        var area = DeLong.Auc(labels.ToArray(), scores.ToArray());
        if (!(area.Interval.Upper < 0.5)) return;
        var positive = context.Encoding.Classes[1];
        throw new MlOpsException(
            FormattableString.Invariant(
                $"The pipeline '{name}' predicts the wrong class: on its training rows, its probability of '{positive}' ") +
                FormattableString.Invariant($"is high for other labels (ROC AUC {area.Auc:0.00})."),
            $"One of its steps converts the label '{Label}' to true or false: convert the positive class, '{positive}', to true, or " +
                "remove the step " +
                "and use the label as settings.Label.") { Column = Label };
    }

    private static InputSchema Served(InputSchema inputs, HashSet<int> read, Func<int, bool> isKept) => new(
    [
        .. inputs.Columns.Index()
            .Where(column => isKept(column.Index))
            .Select(column => read.Contains(column.Index) ? column.Item : column.Item with { Source = null }),
    ]);

    private static bool Accepts(ITransformer fitted, InputSchema schema)
    {
        try
        {
            fitted.GetOutputSchema(schema.Schema);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static RowPipeline Score(ITransformer fitted, InputSchema inputs, PipelineOutput output) =>
        new(fitted, inputs, schema => [OutputColumns.Require(schema, output)]);

    private static int IndexOf(InputSchema inputs, string column) =>
        inputs.Columns.Index().First(candidate => candidate.Item.Name == column).Index;

    private string FreeName(string wanted)
    {
        var free = wanted;
        for (var i = 2; context.Rows.Schema.Contains(free); i++) free = FormattableString.Invariant($"{wanted}{i}");
        return free;
    }
}
