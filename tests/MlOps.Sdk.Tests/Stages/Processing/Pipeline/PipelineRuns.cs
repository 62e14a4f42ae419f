using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

/// <summary>Runs a pipeline over a small table, and reads back what it wrote.</summary>
internal static class PipelineRuns
{
    public static readonly ProblemDefinition Churn = new()
    {
        Task = TaskKind.BinaryClassification,
        Label = "churn",
        PositiveClass = "Yes"
    };

    public static void Fails(RecordBatch rows, Action<ProcessingBuilder> configure, string message) =>
        Assert.That(async () => await RunAsync(rows, configure, size: 10), Throws.TypeOf<MlOpsException>().With.Message.Contains(message));

    public static RecordBatch Customers(int count) => Tables.Batch("id:Integer,tenure:Integer,contract:Text,churn:Text\n" + string.Concat(
        Enumerable.Range(0, count).Select(i => $"{i},{i % 72},{(i % 3 == 0 ? "Monthly" : "One year")},{(i % 4 == 0 ? "Yes" : "No")}\n")));

    public static RecordBatch Timed(int count) => Tables.Batch("at:Timestamp,x:Integer,churn:Text\n" + string.Concat(
        Enumerable.Range(0, count)
            .Select(i => i * 37 % count)
            .Select(i => $"{new DateTime(2024, 1, 1).AddHours(i * 12):yyyy-MM-dd HH:mm},{i},{(i % 2 == 0 ? "Yes" : "No")}\n")));

    public static List<string> Rows(Dataset data) =>
        [.. Enumerable.Range(0, data.RowCount).Select(row => string.Join(',', data.Columns.Select(column => column.GetText(row))))];

    public static List<string> Concat(Outcome run, bool holdoutOnly = false) =>
        holdoutOnly ? Rows(run.Holdout) : [.. Rows(run.Train), .. Rows(run.Holdout)];

    public static async Task<Outcome> RunAsync(
        RecordBatch rows,
        Action<ProcessingBuilder> configure,
        ProblemDefinition? problem = null,
        int size = RecordBatch.MaxRows,
        string salt = "salt",
        RowKeySet? sealedKeys = null,
        IServiceProvider? services = null,
        MemoryStream? train = null,
        string? spool = null)
    {
        var builder = new ProcessingBuilder();
        configure(builder);
        MemoryStream[] streams =
        [
            train ?? new MemoryStream(), new MemoryStream(), new MemoryStream(), new MemoryStream(), new MemoryStream()
        ];
        var result = await new ProcessingPipeline(builder.Build(), services ?? PluginServices.None).RunAsync(new ProcessingRequest
        {
            Schema = rows.Schema,
            Rows = Tables.Stream(rows, size),
            Problem = problem ?? Churn,
            Salt = salt,
            Train = new ArrowWriter(streams[0]),
            Holdout = new ArrowWriter(streams[1]),
            Quarantine = new ArrowWriter(streams[2]),
            TrainRaw = new ArrowWriter(streams[3]),
            HoldoutRaw = new ArrowWriter(streams[4]),
            Sealed = sealedKeys is null ? [] : [sealedKeys],
            SpoolDirectory = spool ?? Path.GetTempPath(),
        });
        var data = new List<Dataset>();
        foreach (var stream in streams.Where(stream => stream.Length > 0))
        {
            var reader = await ArrowReader.OpenAsync(new MemoryStream(stream.ToArray()), "test");
            data.Add(await Dataset.FromBatchesAsync(reader.Schema, reader.ReadAsync()));
        }

        return new Outcome(result, data[0], data[1], data[2], data.ElementAtOrDefault(3), streams[0].ToArray());
    }

    public sealed record Outcome(
        ProcessingResult Result, Dataset Train, Dataset Holdout, Dataset Quarantine, Dataset? TrainRaw, byte[] TrainBytes);
}
