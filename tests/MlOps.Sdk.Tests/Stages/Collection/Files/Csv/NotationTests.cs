using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection.Files;

/// <summary>What keeps a column from being numbers, dates or booleans is named, with the option that mends it.</summary>
internal sealed class NotationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("1 {0:000},50", "fr-FR")]
    [TestCase("1\u00a0{0:000},50", "fr-FR")]
    [TestCase("1\u202f{0:000},50", "fr-FR")]
    [TestCase("1'{0:000}.50", "de-CH")]
    [TestCase("1’{0:000}.50", "de-CH")]
    [TestCase("1.{0:000}.000,50", "de-DE")]
    [TestCase("1,{0:000}.50", "en-US")]
    public async Task OpenAsync_NumbersOfACulture_NamesItAndItReadsThem(string format, string culture)
    {
        var (notes, path) = await NotesAsync(i => string.Format(CultureInfo.InvariantCulture, format, i));

        Assert.That(notes.Single(), Does.Contain($"CsvOptions.Culture (\"{culture}\")"));
        await RequireAsync(path, ColumnType.Number, csv => csv.Culture = Culture(culture));
    }

    [Test]
    public async Task OpenAsync_CommasOfTwoCultures_NamesBoth() => Assert.That(
        (await NotesAsync(i => $"{i},500")).Notes.Single(), Does.Contain("CsvOptions.Culture (\"en-US\" or \"de-DE\")"));

    [Test]
    public async Task OpenAsync_GroupsBesidePoints_NamesTheCultureOfBoth() => Assert.That(
        (await NotesAsync(i => i % 2 == 0 ? $"{i}.25" : $"{i},500")).Notes.Single(), Does.Contain("CsvOptions.Culture (\"en-US\")"));

    [TestCase("{0} kg", "kg")]
    [TestCase("{0}kg", "kg")]
    [TestCase("{0} bottles", "bottles")]
    [TestCase("€ {0}", "€")]
    [TestCase("USD {0}", "USD")]
    [TestCase("-${0}", "$")]
    [TestCase("{0}\u00a0%", "%")]
    [TestCase("{0}°C", "°C")]
    public async Task OpenAsync_NumbersWithAUnit_NamesItAndItReadsThem(string format, string unit)
    {
        var (notes, path) = await NotesAsync(i => string.Format(CultureInfo.InvariantCulture, format, i));

        Assert.That(notes.Single(), Does.Contain($"CsvOptions.Units (\"{unit}\")"));
        await RequireAsync(path, ColumnType.Integer, csv => csv.Units.Add(unit));
    }

    [Test]
    public async Task OpenAsync_UnitAndCulture_NamesBothAndTheyReadThem()
    {
        var (notes, path) = await NotesAsync(i => $"\"$1,{i:000}.50\"");

        Assert.That(notes.Single(), Does.Contain("CsvOptions.Culture (\"en-US\")").And.Contain("CsvOptions.Units (\"$\")"));
        await RequireAsync(path, ColumnType.Number, csv =>
        {
            csv.Culture = Culture("en-US");
            csv.Units.Add("$");
        });
    }

    [Test]
    public async Task OpenAsync_DifferentUnits_AsksForOne() => Assert.That(
        (await NotesAsync(i => i % 2 == 0 ? $"{i} kg" : $"{i} g")).Notes.Single(), Does.Contain("write all in one unit (kg, g)"));

    [TestCase("({0})")]
    [TestCase("{0}-")]
    [TestCase("−{0}")]
    public async Task OpenAsync_OtherSigns_AreNamed(string format) => Assert.That(
        (await NotesAsync(i => i % 2 == 0 ? $"{i}" : string.Format(CultureInfo.InvariantCulture, format, i))).Notes.Single(),
        Does.Contain("write the minus before the number"));

    [TestCase("{0:00}.12.2024", "\"d.M.yyyy\"")]
    [TestCase("{0}/25/2024", "\"M/d/yyyy\"")]
    [TestCase("{0:00}/11/2024", "\"d/M/yyyy\" or \"M/d/yyyy\"", 12)]
    [TestCase("2024/11/{0}", "\"yyyy/M/d\"")]
    [TestCase("{0}-Dec-2024", "\"d-MMM-yyyy\"")]
    [TestCase("\"Dec {0}, 2024\"", "\"MMM d, yyyy\"")]
    [TestCase("12/25/2024 {0}:30 PM", "\"M/d/yyyy h:m tt\"")]
    public async Task OpenAsync_DatesInAFormat_NamesItAndItReadsThem(string format, string named, int most = 12)
    {
        var (notes, path) = await NotesAsync(i => string.Format(CultureInfo.InvariantCulture, format, 1 + i % most));

        Assert.That(notes.Single(), Does.Contain("although its values are dates").And.Contain($"CsvOptions.DateFormats ({named})"));
        await RequireAsync(path, ColumnType.Timestamp, csv => csv.DateFormats.Add(named.Split('"')[1]));
    }

    [TestCase("\u00a0{0}")]
    [TestCase("{0}\u200b")]
    [TestCase("{0}\uFEFF")]
    [TestCase("{0}\0")]
    [TestCase(" {0} ")]
    public async Task OpenAsync_BlanksAndWhatCannotBeSeen_TrimRemoves(string format)
    {
        var (notes, path) = await NotesAsync(i => string.Format(CultureInfo.InvariantCulture, format, i));

        Assert.That(notes.Single(), Does.Contain("CsvOptions.Trim"));
        await RequireAsync(path, ColumnType.Integer, csv => csv.Trim = true);
    }

    [Test]
    public async Task OpenAsync_NamesWithBlanks_AreNotedAndTrimmed()
    {
        var path = _folder.Write("x.csv", "id, income\n1,2\n");

        Assert.That(
            await NotesOfAsync(path), Has.One.Contains("the name of the column ' income' has blanks around it; set CsvOptions.Trim"));
        var data = await DataSources.Csv(path, csv => csv.Trim = true).ReadAllAsync();
        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "id", "income" }));
    }

    [TestCase("NA", "true")]
    [TestCase("NA", "2024-01-31")]
    [TestCase("n/a", "1,5")]
    [TestCase("-", "12 kg")]
    public async Task OpenAsync_TokensOfAnyShareFirst_AreNamed(string token, string value)
    {
        var (notes, _) = await NotesAsync(i => i < 900 ? token : $"\"{value}\"", 930);

        Assert.That(notes.Single(), Does.Contain($"because of '{token}' in line 2 and 899 more").And.Contain("CsvOptions.NullTokens"));
    }

    [Test]
    public async Task OpenAsync_ThousandsOfTextsBeforeNumbers_AreNamed()
    {
        var (notes, _) = await NotesAsync(i => i < 1_200 ? $"row{i}" : $"{i}.5", 30_000);

        Assert.That(notes.Single(), Does.Contain("because of 1,200 other values, the first in line 2"));
    }

    [Test]
    public async Task OpenAsync_OnlyStrayIsTheName_SaysThatTheHeaderIsRepeated()
    {
        var path = _folder.Write("x.csv", "age\n" + string.Concat(Enumerable.Range(0, 50).Select(i => i == 30 ? "age\n" : $"{i}\n")));

        Assert.That((await NotesOfAsync(path)).Single(), Does.Contain("'age' in line 32; remove the line that repeats the header"));
    }

    [TestCase("{0}a")]
    [TestCase("{0}A")]
    [TestCase("A{0}")]
    [TestCase("SKU {0}")]
    [TestCase("0{0:0000}")]
    [TestCase("+49{0}")]
    [TestCase("1.2.{0}")]
    [TestCase("192.168.0.{0}")]
    [TestCase("item {0}")]
    [TestCase("{0}-{0}")]
    [TestCase("12{0:00}-1234")]
    public async Task OpenAsync_CodesAndTexts_AreNotNoted(string format) =>
        Assert.That((await NotesAsync(i => string.Format(CultureInfo.InvariantCulture, format, i))).Notes, Is.Empty);

    [Test]
    public async Task OpenAsync_SizesAndClasses_AreNotNoted()
    {
        Assert.That((await NotesAsync(i => i % 3 == 0 ? $"{36 + i % 9}" : i % 3 == 1 ? "S" : "M")).Notes, Is.Empty);
        Assert.That((await NotesAsync(i => i % 2 == 0 ? "Yes" : "No")).Notes, Is.Empty);
    }

    [TestCase("9007199254740993", "0.5", "'9007199254740993' in line 2")]
    [TestCase("9007199254740993.0", "0.5", "'9007199254740993.0' in line 2")]
    [TestCase("1E2", "100", "'1E2' in line 2")]
    [TestCase("2024-07-01T12:00:00+02:00", "2024-07-01T12:00:00", "with an offset, such as '2024-07-01T12:00:00+02:00' in line 2")]
    [TestCase("2024-07-01T12:00:00", "2024-07-01T12:00:00Z", "without, such as '2024-07-01T12:00:00' in line 2")]
    public async Task OpenAsync_ValuesThatAreReadButDoubtful_AreNoted(string first, string others, string says) =>
        Assert.That((await NotesAsync(i => i == 0 ? first : others)).Notes.Single(), Does.Contain(says));

    [TestCase("9007199254740993", "1")]
    [TestCase("1e5", "0.5")]
    [TestCase("9007199254740992", "0.5")]
    [TestCase("2024-07-01T12:00:00Z", "2024-07-01T12:00:00+02:00")]
    public async Task OpenAsync_ValuesThatAreExact_AreNotNoted(string first, string others) =>
        Assert.That((await NotesAsync(i => i == 0 ? first : others)).Notes, Is.Empty);

    private async Task<(IReadOnlyList<string> Notes, string Path)> NotesAsync(Func<int, string> value, int count = 60)
    {
        var path = _folder.Write(
            "notation.csv",
            $"a,b\n{string.Concat(Enumerable.Range(0, count).Select(i => $"{Quoted(value(i))},x\n"))}");
        return (await NotesOfAsync(path), path);
    }

    // Where the tests run, there may be no data of cultures.
    private static CultureInfo Culture(string name)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NumberDecimalSeparator) = name switch
        {
            "en-US" => (",", "."),
            "de-DE" => (".", ","),
            "fr-FR" => ("\u202f", ","),
            _ => ("’", "."),
        };
        return culture;
    }

    private static string Quoted(string value) => value[0] != '"' && value.Contains(',') ? $"\"{value}\"" : value;

    private static async Task<IReadOnlyList<string>> NotesOfAsync(string path)
    {
        await using var scan = await DataSources.Csv(path).OpenAsync(ReadRequest.All);
        return scan.Notes;
    }

    private static async Task RequireAsync(string path, ColumnType type, Action<CsvOptions> configure)
    {
        await using var scan = await DataSources.Csv(path, configure).OpenAsync(ReadRequest.All);
        Assert.That((scan.Schema["a"].Type, scan.Notes.Count), Is.EqualTo((type, 0)));
        Assert.That((await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()))["a"].NullCount, Is.Zero);
    }
}
