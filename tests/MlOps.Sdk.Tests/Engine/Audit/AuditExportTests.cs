using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Architecture;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Audit;

internal sealed class AuditExportTests : StoreFixture
{
    private static readonly string[] Hostile =
    [
        "=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@SUM(A1)", "\tx", "'quoted", "a,b", "a \"b\"", "two\r\nlines", "Zoë 😀", "plain"
    ];

    private AuditLog _log = null!;

    [SetUp]
    public async Task Write()
    {
        _log = new AuditLog(Store);
        await _log.AppendAsync(
            "ann", "model.registered", "model:churn/1",
            StorageJson.WriteFields(("metrics", """{"auc":{"value":0.84}}"""), ("reason", "[1] is the best")));
        await _log.AppendAsync("bob", "release snapshots", "run-1", "10 snapshots, \"by retention\"");
        foreach (var text in Hostile) await _log.AppendAsync(text, "test.write", "model:churn", StorageJson.WriteFields(("reason", text)));
    }

    [Test]
    public async Task ExportAsync_JsonLines_CanBeVerifiedByOthers()
    {
        var lines = Encoding.UTF8.GetString(await ExportAsync(AuditFormat.JsonLines)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var previous = "";
        foreach (var line in lines)
        {
            var entry = JsonDocument.Parse(line).RootElement;
            Assert.That(entry.GetProperty("previous").GetString(), Is.EqualTo(previous));
            previous = HashOf(
                previous, entry.GetProperty("sequence").GetInt64(), entry.GetProperty("at").GetString()!,
                entry.GetProperty("actor").GetString()!, entry.GetProperty("action").GetString()!,
                entry.GetProperty("subject").GetString()!, entry.GetProperty("detailsText").GetString()!);
            Assert.That(entry.GetProperty("hash").GetString(), Is.EqualTo(previous));
        }

        Assert.That(lines, Has.Length.EqualTo(2 + Hostile.Length));
        Assert.That(previous, Is.EqualTo((await _log.VerifyAsync()).HeadHash));
    }

    [Test]
    public async Task ExportAsync_JsonLines_NestsWhatIsJson()
    {
        var lines = Encoding.UTF8.GetString(await ExportAsync(AuditFormat.JsonLines)).Split('\n');
        var details = JsonDocument.Parse(lines[0]).RootElement.GetProperty("details");
        Assert.That(details.GetProperty("metrics").GetProperty("auc").GetProperty("value").GetDouble(), Is.EqualTo(0.84));
        Assert.That(details.GetProperty("reason").GetString(), Is.EqualTo("[1] is the best"));
        Assert.That(JsonDocument.Parse(lines[1]).RootElement.GetProperty("details").ValueKind, Is.EqualTo(JsonValueKind.String));
    }

    [Test]
    public async Task ExportAsync_JsonLinesOfAnApproval_NestsWhatIsJson()
    {
        await _log.AppendAsync(
            "ann", "approval.requested", "model:churn/1",
            StorageJson.WriteFields(("policy", """{"roles":["owner"]}"""), ("authors", """["dan"]"""), ("roles", """["risk"]""")));

        var details = JsonDocument.Parse(Encoding.UTF8.GetString(await ExportAsync(AuditFormat.JsonLines)).Split('\n')[^2])
            .RootElement.GetProperty("details");

        Assert.That(details.GetProperty("policy").GetProperty("roles")[0].GetString(), Is.EqualTo("owner"));
        Assert.That(details.GetProperty("authors")[0].GetString(), Is.EqualTo("dan"));
        Assert.That(details.GetProperty("roles")[0].GetString(), Is.EqualTo("risk"));
    }

    [Test]
    public async Task ExportAsync_Csv_HasNoFormulasAndCanBeVerified()
    {
        var text = Encoding.UTF8.GetString(await ExportAsync(AuditFormat.Csv));
        Assert.That(text, Does.StartWith(AuditExport.Headings).And.EndsWith("\r\n"));
        var rows = ReadCsv(text).Skip(1).ToArray();
        Assert.That(rows, Has.Length.EqualTo(2 + Hostile.Length));
        var previous = "";
        foreach (var row in rows)
        {
            Assert.That(row, Has.Length.EqualTo(8));
            foreach (var cell in row) Assert.That(cell is ['=' or '+' or '-' or '@' or '\t' or '\r', ..], Is.False, cell);
            var number = long.Parse(row[0], CultureInfo.InvariantCulture);
            previous = HashOf(previous, number, row[1], Bare(row[2]), Bare(row[3]), Bare(row[4]), Bare(row[5]));
            Assert.That(row[7], Is.EqualTo(previous));
        }

        Assert.That(rows.Skip(2).Select(row => Bare(row[2])), Is.EqualTo(Hostile));

        static string Bare(string cell) => cell.StartsWith('\'') ? cell[1..] : cell;
    }

    [Test]
    public async Task ExportAsync_Filter_GivesTheEntriesThatItMeans()
    {
        using var to = new MemoryStream();
        Assert.That(
            await _log.ExportAsync(to, AuditFormat.JsonLines, new AuditFilter { Subject = "model:churn" }),
            Is.EqualTo(1 + Hostile.Length));
        Assert.That(await CountAsync(new AuditFilter { Actor = "bob" }), Is.EqualTo(1));
        Assert.That(await CountAsync(new AuditFilter { Action = "test.write", Subject = "model:churn" }), Is.EqualTo(Hostile.Length));
        Assert.That(await CountAsync(new AuditFilter { From = Clock.GetUtcNow().AddTicks(1) }), Is.Zero);
        Assert.That(await CountAsync(new AuditFilter { To = Clock.GetUtcNow() }), Is.Zero);
        Assert.That(await CountAsync(new AuditFilter { Subject = "model:chur" }), Is.Zero);

        async Task<int> CountAsync(AuditFilter filter) => (await ListAsync(_log.ReadAsync(filter))).Count;
    }

    [Test]
    public async Task ExportAsync_ManyEntries_AreAllThere()
    {
        await Store.WriteAsync(connection =>
        {
            for (var i = 0; i < 2_500; i++) AuditLog.Append(connection, Clock.GetUtcNow(), "ann", "test.write", "thing:1", "{}");
        });
        using var to = new MemoryStream();
        Assert.That(await _log.ExportAsync(to, AuditFormat.Csv), Is.EqualTo(2_502 + Hostile.Length));
    }

    [Test]
    public async Task ExportAsync_ClosedStream_IsRejected() => Assert.That(
        async () => await _log.ExportAsync(new MemoryStream([], writable: false), AuditFormat.Csv), Throws.ArgumentException);

    [TestCase(AuditFormat.JsonLines, "audit.jsonl")]
    [TestCase(AuditFormat.Csv, "audit.csv")]
    public async Task VerifyScript_Export_IsVerifiedInPython(AuditFormat format, string name)
    {
        var file = Folder[name];
        await File.WriteAllBytesAsync(file, await ExportAsync(format));
        var script = Path.Combine(Repository.Root, "docs", "operations", "verify_audit.py");
        var anchor = (await _log.AnchorAsync()).ToString();
        var (code, output) = await RunPythonAsync(script, file, anchor);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain($"{2 + Hostile.Length} entries"));

        // Somebody else did it, by the file.
        var forged = (await File.ReadAllTextAsync(file)).Replace("model.registered", "model.promoted", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, forged);
        (code, output) = await RunPythonAsync(script, file, anchor);
        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("entry 1 "));
    }

    [TestCase("auc\":{\"value\":0.84", "auc\":{\"value\":0.94", TestName = "VerifyScript_NestedNumberShownOtherwise_IsNamed")]
    [TestCase("auc\":{\"value\":0.84}", "auc\":{\"value\":0.84,\"value\":0.94}", TestName = "VerifyScript_FieldShownTwice_IsNamed")]
    [TestCase("\"reason\":\"[1] is the best\"", "\"reason\":\"[2] is the best\"", TestName = "VerifyScript_ReasonShownOtherwise_IsNamed")]
    [TestCase("\"reason\":\"[1] is the best\"", "\"why\":\"[1] is the best\"", TestName = "VerifyScript_FieldNamedOtherwise_IsNamed")]
    [TestCase(
        "\"reason\":\"[1] is the best\"}", "\"reason\":\"[1] is the best\",\"by\":\"eve\"}", TestName = "VerifyScript_FieldAdded_IsNamed")]
    [TestCase("{\"sequence\":1,", "{\"actor\":\"eve\",\"sequence\":1,", TestName = "VerifyScript_SecondActor_IsNamed")]
    public async Task VerifyScript_DetailsShownOtherwise_NamesTheEntry(string written, string shown)
    {
        var file = Folder["audit.jsonl"];
        var text = Encoding.UTF8.GetString(await ExportAsync(AuditFormat.JsonLines));
        var at = text.IndexOf(written, StringComparison.Ordinal);
        Assert.That(at, Is.Not.Negative);
        await File.WriteAllTextAsync(file, $"{text[..at]}{shown}{text[(at + written.Length)..]}");

        var (code, output) = await RunPythonAsync(Path.Combine(Repository.Root, "docs", "operations", "verify_audit.py"), file);

        Assert.That(code, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("entry 1: "));
    }

    private static async Task<(int Code, string Output)> RunPythonAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("There is no python3.");
            throw;
        }

        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output + await error);
        }
    }

    private async Task<byte[]> ExportAsync(AuditFormat format)
    {
        using var to = new MemoryStream();
        await _log.ExportAsync(to, format);
        return to.ToArray();
    }

    // As docs/operations/audit.md says it, without anything of the library.
    private static string HashOf(string previous, long sequence, string at, string actor, string action, string subject, string details)
    {
        using var bytes = new MemoryStream();
        Text(previous);
        Number(sequence);
        Number(DateTime.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind).Ticks);
        Text(actor);
        Text(action);
        Text(subject);
        Text(details);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()));

        void Text(string text)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            Number(utf8.Length);
            bytes.Write(utf8);
        }

        void Number(long number)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(eight, number);
            bytes.Write(eight);
        }
    }

    private static IEnumerable<string[]> ReadCsv(string text)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else if (c == '"') isQuoted = !isQuoted;
            else if (!isQuoted && c == ',') Take();
            else if (!isQuoted && c == '\r' && text[i + 1] == '\n')
            {
                Take();
                yield return [.. cells];
                cells.Clear();
                i++;
            }
            else cell.Append(c);
        }

        void Take()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }
    }
}
