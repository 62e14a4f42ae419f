using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class PersonalDataTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [TestCase("")]
    [TestCase("ada@example.org")]
    [TestCase("sixteen bytes  !")]
    [TestCase("Zoë 😀 \0")]
    [TestCase("half \ud800 of a pair")]
    public void Detokenize_TokenOfAValue_GivesItBack(string value)
    {
        var token = PersonalData.Tokenize(value, Key);
        Assert.That(PersonalData.Detokenize(token, Key), Is.EqualTo(value));
        Assert.That(token, Does.Match("^[A-Za-z0-9_-]+$").And.EqualTo(PersonalData.Tokenize(value, Key)));
    }

    // Computed once more with Python's hmac and OpenSSL's AES: later versions must read what this one wrote.
    [Test]
    public void Tokenize_KnownKeyAndValue_GivesTheTokenOfEveryVersion() =>
        Assert.That(PersonalData.Tokenize("ada@example.org", Key), Is.EqualTo("Y-XgmlsDOTxhG2J1X9uOtrJMTL1fLbFP0R-zp7pSKVY"));

    [Test]
    public void Detokenize_AnythingElse_IsRefused()
    {
        var token = PersonalData.Tokenize("ada@example.org", Key);
        Assert.That(PersonalData.Tokenize("a\udc01", Key), Is.Not.EqualTo(PersonalData.Tokenize("a\ud800", Key)));
        Assert.That(PersonalData.Hash("a\udc01", Key), Is.Not.EqualTo(PersonalData.Hash("a\ud800", Key)));
        string[] wrong =
        [
            " " + token, token + "=", "", "x", "!", token[..^1], token + "AA", token[..^3] + (token[^3] == 'A' ? 'B' : 'A') + token[^2..],
            (token[0] == 'A' ? 'B' : 'A') + token[1..], PersonalData.Tokenize("ada@example.org", [.. Key.Reverse()])
        ];
        foreach (var bad in wrong)
        {
            Assert.That(() => PersonalData.Detokenize(bad, Key), Throws.TypeOf<MlOpsException>().With.Message.Contains("token"), bad);
        }
        Assert.That(() => PersonalData.Tokenize("x", new byte[31]), Throws.TypeOf<MlOpsException>());
    }

    [TestCase("contact", "ada@example.org|b.o+b@mail.example.co.uk|c_d@bücher.example", PersonalKind.Email)]
    [TestCase("reached_at", "+49 30 901820|+1-202-555-0143|+442079460000", PersonalKind.Phone)]
    [TestCase("reached_at", "(202) 555-0143|202-555-0199|202.555.0123", PersonalKind.Phone)]
    [TestCase("reached_at", "030/901820|0171 1234567|030 90 18 20", PersonalKind.Phone)]
    [TestCase("mobilePhone", "2025550143|2025550144|2025550145", PersonalKind.Phone)]
    [TestCase("account", "DE89 3704 0044 0532 0130 00|GB82WEST12345698765432|FR1420041010050500013M02606", PersonalKind.Iban)]
    [TestCase("payment", "4111 1111 1111 1111|5500-0000-0000-0004|378282246310005", PersonalKind.CardNumber)]
    [TestCase("host", "192.168.0.1|10.0.0.255|8.8.8.8", PersonalKind.IpAddress)]
    [TestCase("host", "2001:db8::1|::1|fe80::1ff:fe23:4567:890a", PersonalKind.IpAddress)]
    [TestCase("last_name", "O'Brien|Müller-Lüdenscheidt|King", PersonalKind.Name)]
    [TestCase("customerName", "Ada Lovelace|Grace M. Hopper|Ludwig van Beethoven", PersonalKind.Name)]
    public void Detect_PersonalValues_AreFound(string column, string values, PersonalKind kind)
    {
        var found = PersonalData.Detect(Table(column, values.Split('|')));
        Assert.That(found.Select(finding => (finding.Column, finding.Kind, finding.Share)), Is.EqualTo(new[] { (column, kind, 1.0) }));
        foreach (var value in values.Split('|')) Assert.That(found[0].Sentence, Does.Not.Contain(value));
    }

    [TestCase("contact", "ada@|@example.org|ada@example|ada example@x.org|a@-x.org|.a@x.org")]
    [TestCase("day", "2024-01-31|2024-02-01|2024-03-05")]
    [TestCase("day", "01.02.2024|02.02.2024|31.12.2023")]
    [TestCase("moment", "12:30:45|12:31:00|09:00:00")]
    [TestCase("phone", "2024-01-31|2024-02-01|2024-03-05")]
    [TestCase("amount", "0.1234567|0.9999999|0.5555555")]
    [TestCase("id", "00012345|00012346|00012347")]
    [TestCase("id", "10000001|10000002|10000003")]
    [TestCase("account", "DE89 3704 0044 0532 0130 01|GB82WEST12345698765433|FR1420041010050500013M02607")]
    [TestCase("payment", "4111111111111112|5500000000000005|0000000000000000")]
    [TestCase("host", "1.2.3|256.1.1.1|12345|01.02.03.04")]
    [TestCase("mac", "00:1b:44:11:3a:b7|00:1b:44:11:3a:b8|00:1b:44:11:3a:b9")]
    [TestCase("product_name", "Red Shoes|Blue Hat|Green Coat")]
    [TestCase("name", "red|green|BLUE")]
    [TestCase("contract", "Month-to-month|One year|Two year")]
    public void Detect_OtherValues_AreNot(string column, string values) =>
        Assert.That(PersonalData.Detect(Table(column, values.Split('|'))), Is.Empty);

    [Test]
    public void Detect_SomeOfTheValues_HasTheirShare()
    {
        var some = Table("note", [.. Enumerable.Range(0, 100).Select(i => i < 12 ? $"a{i}@example.org" : "nothing")]);
        var few = Table("note", [.. Enumerable.Range(0, 100).Select(i => i < 9 ? $"a{i}@example.org" : "nothing")]);
        Assert.That(PersonalData.Detect(some).Single().Share, Is.EqualTo(0.12));
        Assert.That(PersonalData.Detect(few), Is.Empty);
    }

    [Test]
    public void Detect_ManyRows_LooksAtValuesOfAllOfThem()
    {
        var rows = Table("note", [.. Enumerable.Range(0, 15_000).Select(i => i < 12_000 ? "nothing" : $"a{i}@example.org")]);
        var found = PersonalData.Detect(rows).Single();
        Assert.That((found.Values, found.Share), Is.EqualTo((7_500, 0.2)));
    }

    [Test]
    public void Detect_RandomNumbersOfSixteenDigits_AreNoCards()
    {
        var random = new SeededRandom(1);
        var rows = Table(
            "id",
            [.. Enumerable.Range(0, 1_000)
                .Select(_ => string.Create(CultureInfo.InvariantCulture, $"4{random.NextDouble() * 1e15:000000000000000}"))]);
        Assert.That(PersonalData.Detect(rows), Is.Empty);
    }

    [Test]
    public async Task Profile_PersonalColumns_AreFindings()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new { Email = $"a{i}@example.org", N = i }).ToArray();
        var ofSource = await DatasetProfile.OfAsync(DataSources.Objects(rows, "rows"));
        var ofTable = DatasetProfile.Of(await DataSources.Objects(rows, "rows").ReadAllAsync());
        foreach (var profile in new[] { ofSource, ofTable, ofSource.Merge(ofTable) })
        {
            Assert.That(
                profile.Findings.Where(finding => finding.Kind == FindingKind.Personal).Select(finding => finding.Sentence),
                Is.EqualTo(new[]
                {
                    "email seems to hold email addresses: 100 % of 30 values look like it; mark it with Personal(…) in CollectData."
                }));
        }
    }

    private static Dataset Table(string column, string[] values)
    {
        var schema = new Schema(new Field(column, ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        foreach (var value in values) ((TextColumnBuilder)builder[0]).Append(value);
        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
