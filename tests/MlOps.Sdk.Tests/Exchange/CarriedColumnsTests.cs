using System.Data.Common;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>
/// Every column of what is recorded of runs and models is carried by an archive, or left out on purpose. Who adds a column carries it, or
/// says here why not; and gives it a value in the sample.
/// </summary>
[TestFixture]
internal sealed class CarriedColumnsTests : ArchiveFixture
{
    private static readonly Dictionary<string, string> LeftOut = new(StringComparer.Ordinal)
    {
        ["runs.no"] = "the order in the workspace",
        ["runs.end_no"] = "the order in the workspace",
        ["runs.owner_token"] = "who works on it",
        ["runs.owner_machine"] = "who works on it",
        ["runs.owner_process"] = "who works on it",
        ["runs.owner_started"] = "who works on it",
        ["runs.lease_until"] = "who works on it",
        ["run_parameters.number"] = "is computed of the value",
        ["run_notes.no"] = "the order in the workspace",
        ["search_trials.no"] = "the order in the workspace",
        ["search_trials.fingerprint"] = "no search takes over trials of another workspace",
        ["search_trials.scores"] = "are kept until the search has ended",
        ["model_versions.no"] = "the order in the workspace",
        ["model_versions.created_at"] = "when it was registered here",
        ["model_versions.idempotency_key"] = "the retries of the workspace that registered it",
        ["registry_changes.no"] = "the order in the workspace",
        ["registry_changes.at"] = "when it was taken up; the audit entry has the origin's",
        ["registry_changes.actor"] = "who imported; the audit entry has the origin's",
        ["registry_changes.previous"] = "what it was here",
    };

    [Test]
    public async Task ImportArchiveAsync_EveryColumn_IsCarriedOrLeftOutOnPurpose()
    {
        await FillAsync();
        await Source.ExportArchiveAsync(Archive);
        Assert.That((await Target.ImportArchiveAsync(Archive)).Conflicts, Is.Empty);

        var tables = await TablesAsync(Source);
        Assert.That(tables, Has.Count.GreaterThan(12));
        var named = new HashSet<string>();
        foreach (var (table, columns) in tables)
        {
            string[] carried = [.. columns.Where(column => !LeftOut.ContainsKey($"{table}.{column}"))];
            named.UnionWith(columns.Select(column => $"{table}.{column}"));
            var (theirs, ours) = (await RowsAsync(Source, table, carried), await RowsAsync(Target, table, carried));
            for (var i = 0; i < carried.Length; i++)
            {
                Assert.That(
                    theirs.Select(row => row[i]).Where(value => value is not (null or "" or "0")),
                    Is.Not.Empty,
                    $"the sample has no value in {table}.{carried[i]}");
                Assert.That(
                    ours.Select(row => row[i]).Order(StringComparer.Ordinal),
                    Is.EqualTo(theirs.Select(row => row[i]).Order(StringComparer.Ordinal)),
                    $"archives do not carry {table}.{carried[i]}");
            }
            Assert.That(ours.Select(Line), Is.EquivalentTo(theirs.Select(Line)), table);
        }
        Assert.That(LeftOut.Keys.Except(named), Is.Empty, "columns that are left out exist");
    }

    private static string Line(string?[] row) => string.Join('|', row);

    private async Task FillAsync()
    {
        var lifecycle = SampleLifecycle.Begin(
            Subscriber.Draw(400, seed: 1),
            training => training.Try(Trainers.LogisticRegression()).Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed();
        var searched = (await lifecycle.Build().RunAsync(Source)).Record.Id;
        await SampleLifecycle.Begin(Subscriber.Draw(400, seed: 1)).Build().RunStageAsync(Source, LifecycleStage.Features, searched);
        Assert.That(async () => await SampleLifecycle.Begin([]).Build().RunAsync(Source), Throws.InstanceOf<MlOpsException>());
        await LogAsync(Source, 1);
        await using (var run = await Source.StartRunAsync("notebook"))
        {
            await run.LogDatasetAsync("rows", SampleRows.Create(100));
            run.Logger.Log(
                LogLevel.Warning, new EventId(7, "Careful"), "text", new InvalidOperationException("bad"), (text, _) => text);
            await run.CompleteAsync();
        }
        await Source.Models.SetTagAsync(SampleLifecycle.Name, "team", "retention", 1);
        await Source.Store.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText =
                    """
                    INSERT INTO run_log_drops(run, dropped) SELECT max(no), 3 FROM runs;
                    UPDATE model_versions SET description = 'as registered';
                    UPDATE registry_changes SET reason = 'because';
                    """;
                command.ExecuteNonQuery();
            },
            CancellationToken.None);
    }

    private static Task<IReadOnlyList<(string Table, IReadOnlyList<string> Columns)>> TablesAsync(Workspace workspace) =>
        workspace.Store.ReadAsync<IReadOnlyList<(string, IReadOnlyList<string>)>>(
            connection =>
            [
                .. Query(
                    connection,
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND (name IN ('runs', 'search_trials', 'model_versions') " +
                        "OR name LIKE 'run\\_%' ESCAPE '\\' OR name LIKE 'registry\\_%' ESCAPE '\\') ORDER BY name")
                    .Select(row => (row[0]!, (IReadOnlyList<string>)
                        [.. Query(connection, $"SELECT name FROM pragma_table_info('{row[0]}')").Select(column => column[0]!)])),
            ],
            CancellationToken.None);

    // Numbers of other rows are what they stand for.
    private static Task<IReadOnlyList<string?[]>> RowsAsync(Workspace workspace, string table, IReadOnlyList<string> columns) =>
        workspace.Store.ReadAsync(
            connection => Query(connection, $"SELECT {string.Join(", ", columns.Select(Expression))} FROM {table} t"),
            CancellationToken.None);

    private static string Expression(string column) => column switch
    {
        "run" => "coalesce((SELECT id FROM runs WHERE no = t.run), t.run)",
        "metric" => "(SELECT name FROM metric_names WHERE no = t.metric)",
        "environment" => "(SELECT facts FROM environments WHERE no = t.environment)",
        "outputs" => "coalesce(t.outputs, '{}')",
        _ => $"t.{column}",
    };

    private static IReadOnlyList<string?[]> Query(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(
                i => reader.IsDBNull(i) ? null : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))]);
        }

        return rows;
    }
}
