using Microsoft.ML;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Loads one model file as a model that reads columns. Not thread-safe.</summary>
/// <param name="path">The file.</param>
internal sealed class ZipImport(string path)
{
    /// <summary>What the model reads and writes; after <see cref="LoadAsync"/>.</summary>
    public string Signature { get; private set; } = "";

    /// <summary>How the model is served; after <see cref="LoadAsync"/>.</summary>
    public string Serving { get; private set; } = "";

    /// <summary>The version of ML.NET that wrote the file; after <see cref="LoadAsync"/>.</summary>
    public string? WrittenBy { get; private set; }

    public async ValueTask<IRowModel> LoadAsync(ModelImportContext context, CancellationToken cancellationToken)
    {
        var allowed = context.Readers.Read<LoaderAllowList>(MicrosoftMLReaders.AllowList, default);
        var file = CanonicalZip.Read(
            await ReadAsync(allowed.LargestSize, cancellationToken).ConfigureAwait(false), allowed.LargestSize);
        WrittenBy = file.WrittenBy;
        var loaded = ModelFile.Load(file, allowed, out var schema);
        try
        {
            if (schema is null)
            {
                throw new MlOpsException(
                    "The model file does not contain the columns that the model reads.",
                    "Save it with the schema of its input: mlContext.Model.Save(model, data.Schema, path).");
            }
            cancellationToken.ThrowIfCancellationRequested();
            return Bind(context, file, ScoringPart.Of(loaded), schema);
        }
        catch
        {
            (loaded as IDisposable)?.Dispose();
            throw;
        }
    }

    private PipelineModel Bind(ModelImportContext context, CanonicalZip file, ITransformer transformer, DataViewSchema schema)
    {
        var read = Read(transformer, schema, context, out var output);
        var inputs = FileSchema.Match(schema, read, context);
        if (output.Kind != OutputKind.Probability && context.Problem.Task != TaskKind.Regression)
        {
            output = Calibrate(transformer, inputs, context, output);
        }

        var header = new PipelineHeader(context.Problem.Task, context.Encoding.Outputs, inputs.Columns, output);
        var model = new PipelineModel(header, file.ToBytes(), transformer, schema);
        Describe(context, model, output);
        return model;
    }

    // Asked of the file's own columns: those that no prediction needs may be of any type.
    private static HashSet<int> Read(
        ITransformer transformer, DataViewSchema schema, ModelImportContext context, out PipelineOutput output)
    {
        var mapper = RowPipeline.Map(transformer, schema);
        var written = mapper.OutputSchema;
        output = OutputColumns.Find(
            written,
            context.Encoding,
            context.Encoding.Classes,
            context.Problem.Task == TaskKind.BinaryClassification && ClassNames.AreReversed(context.Encoding.Classes));
        return [.. mapper.GetDependencies([OutputColumns.Require(written, output)]).Select(column => column.Index)];
    }

    private static PipelineOutput Calibrate(
        ITransformer transformer, InputSchema inputs, ModelImportContext context, PipelineOutput output)
    {
        var columns = inputs.Columns
            .Select(column => column.Source is null ? null : context.Rows[column.Name])
            .ToArray();
        var pipeline = new RowPipeline(transformer, inputs, written => [OutputColumns.Require(written, output)]);
        using var scores = new PipelineScores((pipeline, output), context.Encoding.ClassCount);
        int[] all = [.. Enumerable.Range(0, context.Rows.RowCount)];
        if (output.Kind == OutputKind.ClassScores)
        {
            RequireFinite(all.SelectMany(row => scores.Raw(columns, row).Where((_, index) => output.Classes.Contains(index))));
            if (scores.AreProbabilities(columns, all)) return output;
        }
        if (context.Problem.Task != TaskKind.BinaryClassification)
        {
            throw new MlOpsException(
                "The model returns scores of its classes that are not probabilities.",
                "Import a model whose scores sum to 1 over the classes, or train it again with TryPipeline(MicrosoftML.Pipeline(…)), " +
                    "which calibrates them.");
        }

        // The model is judged on the other rows: a scaling is better on those that it was fitted to.
        int[] rows = [.. context.TakeForCalibration()];
        var labels = context.Encoding.Encode(context.Rows);
        var margins = Array.ConvertAll(rows, row => scores.Raw(columns, row) is { Length: 1 } raw
            ? raw[0]
            : scores.Raw(columns, row)[1] - scores.Raw(columns, row)[0]);
        RequireFinite(margins);
        var scaling = PlattScaling.Fit(
            margins,
            Array.ConvertAll(rows, row => labels[row] == 1),
            context.Weights.IsEmpty ? [] : Array.ConvertAll(rows, row => context.Weights.Span[row]));
        return scaling.Slope <= 0
            ? output with { Scalings = [scaling] }
            : throw new MlOpsException(
                $"The model gives rows of the class '{context.Encoding.Classes[0]}' the larger scores, but " +
                    $"'{context.Problem.PositiveClass}' is declared to be the positive class.",
                "Set the positive class that it was trained with, or judge it on rows like those that it was trained on.");
    }

    private static void RequireFinite(IEnumerable<double> values)
    {
        if (values.All(double.IsFinite)) return;
        throw new MlOpsException(
            "The model returned a score that is not finite for a declared row, as many models do if a value is missing.",
            "Fill missing values in the rows, or in the model.");
    }

    private void Describe(ModelImportContext context, PipelineModel model, PipelineOutput output)
    {
        var reads = string.Join(", ", model.Inputs.Select(field => $"{Printable.Text(field.Name)}: {field.Type}"));
        var writes = context.Problem.Task switch
        {
            TaskKind.BinaryClassification => $"P('{context.Problem.PositiveClass}')",
            TaskKind.MulticlassClassification => $"P of {string.Join(", ", context.Encoding.Classes)}",
            _ => context.Problem.Label,
        };
        Signature = $"reads {reads}; writes {writes}";
        Serving = "It is served by ML.NET, with an engine for each caller" +
            (output.Scalings.Count > 0 ? "; its scores are calibrated on half of the declared rows." : ".");
    }

    private async Task<byte[]> ReadAsync(long largestSize, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: var length } && length > largestSize)
            {
                throw new MlOpsException(
                    $"The model file has {length} bytes, but only {largestSize} are allowed.",
                    "Allow more in the setup of the library: UseMicrosoftML(options => options.LargestModel = …).") { DataSource = path };
            }
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MlOpsException(
                $"The model file cannot be read: {e.Message}",
                "Check the path, and that this process may read the file.",
                e) { DataSource = path };
        }
    }
}
