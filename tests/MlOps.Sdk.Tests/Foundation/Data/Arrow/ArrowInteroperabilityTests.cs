using System.Diagnostics;
using System.Text.Json;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

/// <summary>
/// What we write is read by the npm package apache-arrow, and the other way round. Needs Node.js, and MLOPS_NODE_MODULES: a folder with
/// that package. The CI script provides both.
/// </summary>
[TestFixture]
public sealed class ArrowInteroperabilityTests
{
    private string _modules = "";

    [SetUp]
    public void FindPackage()
    {
        _modules = Environment.GetEnvironmentVariable("MLOPS_NODE_MODULES") ?? "";
        if (_modules.Length == 0) Assert.Ignore("Set MLOPS_NODE_MODULES to a node_modules folder that has apache-arrow.");
    }

    [Test]
    public async Task Write_AllTypesInSeveralBatches_AreReadByApacheArrow()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "ours.arrow");
        await using (var file = File.Create(path))
        {
            var writer = new ArrowWriter(file);
            await writer.BeginAsync(ArrowSample.AllTypes);
            for (var batch = 0; batch < 3; batch++) await writer.WriteAsync(ArrowSample.Batch(batch));
            await writer.CompleteAsync();
        }

        using var read = JsonDocument.Parse(await RunAsync("read", path));

        var rows = read.RootElement.GetProperty("rows");
        Assert.Multiple(() =>
        {
            Assert.That(
                read.RootElement
                    .GetProperty("columns")
                    .EnumerateArray()
                    .Select(column => $"{column.GetProperty("name")} {column.GetProperty("type")}"),
                Is.EqualTo(new[]
                {
                    "number Float64",
                    "integer Int64",
                    "flag Bool",
                    "coded Dictionary<Int32, Utf8>",
                    "plain Utf8",
                    "at Timestamp<MICROSECOND, UTC>",
                    "list FixedSizeList[2]<Float32>",
                }));
            Assert.That(read.RootElement.GetProperty("batches").GetInt32(), Is.EqualTo(3));
            Assert.That(rows.GetArrayLength(), Is.EqualTo(1200));
            for (var row = 0; row < 1200; row++)
            {
                var cells = rows[row];
                if (row % 7 == 3)
                {
                    Assert.That(cells.EnumerateArray().Select(cell => cell.ValueKind), Is.All.EqualTo(JsonValueKind.Null), $"row {row}");
                    continue;
                }

                Assert.That(cells[0].GetDouble(), Is.EqualTo(row / 8.0));
                Assert.That(
                    cells[1].GetString(),
                    Is.EqualTo((long.MaxValue - row).ToString(System.Globalization.CultureInfo.InvariantCulture)));
                Assert.That(cells[2].GetBoolean(), Is.EqualTo(row % 2 == 0));
                Assert.That(cells[3].GetString(), Is.EqualTo($"grün {row / 100} 👩‍💻"));
                Assert.That(cells[4].GetString(), Is.EqualTo($"text {row}"));
                Assert.That(cells[5].GetDouble(), Is.EqualTo(row * 1000.0));
                Assert.That((cells[6][0].GetSingle(), cells[6][1].GetSingle()), Is.EqualTo((row, 0.5f)));
            }
        });
    }

    [Test]
    public async Task Read_WhatApacheArrowWrote_IsEqual()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "theirs.arrow");
        await RunAsync("write", path);

        await using var file = File.OpenRead(path);
        var reader = await ArrowReader.OpenAsync(file, "theirs.arrow");
        var rows = new List<string>();
        await foreach (var batch in reader.ReadAsync())
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows.Add(string.Join('|', batch.Columns.Select(column => column.GetText(row) ?? "∅")));
            }
        }

        Assert.That(reader.Schema.ToString(), Is.EqualTo(
            "number: Number, integer: Integer, flag: Boolean, plain: Text, coded: Text, at: Timestamp, milli: Timestamp, list: Vector"));
        Assert.That(rows, Is.EqualTo(new[]
        {
            "1.5|9007199254740993|true|grün0|a|1970-01-01T00:00:00.0000000Z|1970-01-01T00:00:00.0000000Z|[1 2]",
            "∅|∅|∅|∅|b|∅|∅|∅",
            "0|-1|false|0|∅|2020-09-13T12:26:40.0000000Z|2020-09-13T12:26:40.1230000Z|[3 4]",
            "Infinity|0|true|👩‍💻0|a|9999-12-31T23:59:59.0000000Z|1969-12-31T23:59:59.9990000Z|[0.5 -1]",
            "2.5|9007199254740993|true|grün1|a|1970-01-01T00:00:00.0000000Z|1970-01-01T00:00:00.0000000Z|[1 2]",
            "∅|∅|∅|∅|b|∅|∅|∅",
            "0|-1|false|1|∅|2020-09-13T12:26:40.0000000Z|2020-09-13T12:26:40.1230000Z|[3 4]",
            "Infinity|1|true|👩‍💻1|a|9999-12-31T23:59:59.0000000Z|1969-12-31T23:59:59.9990000Z|[0.5 -1]",
        }));
    }

    [Test]
    public async Task Read_TypeThatNoColumnHolds_NamesColumnAndType()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "dates.arrow");
        await RunAsync("refused", path);
        await using var file = File.OpenRead(path);

        var error = await Assert.CatchAsync<MlOpsException>(() => ArrowReader.OpenAsync(file, "dates.arrow"));

        Assert.That((error.Column, error.DataSource), Is.EqualTo(("day", "dates.arrow")), error.Message);
        Assert.That(error.Message, Does.Contain("has the type date"));
    }

    private async Task<string> RunAsync(string verb, string path)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = _modules;
        var script = Path.Combine(AppContext.BaseDirectory, "Foundation", "Data", "Arrow", "apache-arrow.cjs");
        foreach (var argument in new[] { script, verb, path })
        {
            start.ArgumentList.Add(argument);
        }
        using var node = Process.Start(start)!;
        var error = node.StandardError.ReadToEndAsync();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.That(node.ExitCode, Is.Zero, await error);
        return output;
    }
}
