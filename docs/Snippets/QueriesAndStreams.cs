using System.Data.Common;
using System.Threading.Channels;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;

namespace Acme;

/// <summary>Rows of a database, of a live stream, and two runs side by side.</summary>
internal static class QueriesAndStreams
{
    public static CollectionBuilder Orders(CollectionBuilder data, DbDataSource database)
    {
        // begin-snippet: database-source
        data.FromDatabase(
            database, // an NpgsqlDataSource, or SqliteFactory.Instance.CreateDataSource(…), or any other
            "SELECT id, customer, amount FROM orders WHERE region = @region AND id > @after ORDER BY id",
            query =>
            {
                query.Name = "orders";
                query.Parameters["@region"] = "EU";
                query.Increasing("id"); // repeatable, so that a broken connection loses no row; and a watermark
            },
            read => read.OnlyNew());
        // end-snippet
        return data;
    }

    public static async Task<List<string>> WindowsAsync(ChannelReader<Reading> channel, CancellationToken cancellationToken)
    {
        var lines = new List<string>();

        // begin-snippet: stream-windows
        var steps = RowPipeline.Create(data => data
            .DropDuplicates()
            .Expect(rows => rows.Column("value").Between(0, 100), OnFailure.Quarantine, mostly: 0.9));

        var windows = DataSources.Channel(channel)
            .ByTime("at", length: TimeSpan.FromMinutes(5), lateness: TimeSpan.FromMinutes(1), cancellationToken: cancellationToken);
        await foreach (var (window, processed) in steps.ApplyAsync(windows, cancellationToken))
        {
            lines.Add(
                $"{window.Start:HH:mm} {processed.Rows.RowCount} rows, {processed.Quarantined.Sum(set => set.Rows.RowCount)} " +
                $"quarantined, {window.Late.RowCount} late");
        }
        // end-snippet
        return lines;
    }

    public static async Task<bool> CompareAsync(Workspace workspace, string lastWeek, string thisWeek, string page)
    {
        // begin-snippet: compare-runs
        var comparison = await workspace.CompareAsync(lastWeek, thisWeek);
        foreach (var change in comparison.SchemaChanges)
        {
            Console.WriteLine($"{change.Column}: {change.Before?.Type} → {change.After?.Type}");
        }
        await File.WriteAllTextAsync(page, comparison.ToHtml("This week against last week"));
        // end-snippet
        return comparison.HasChanged;
    }

    /// <summary>What a sensor says.</summary>
    internal sealed record Reading(string Sensor, double Value, DateTime At);
}
