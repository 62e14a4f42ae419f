using System.Globalization;
using System.Reflection;
using System.Text.Json;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

/// <summary>Every type of value, by every way that leads into a column.</summary>
[TestFixture]
public sealed class CellConversionTests
{
    private const string Misfit = "misfit";
    private const string Missing = "missing";

    private static readonly Field[] Fields =
    [
        .. new[] { ColumnType.Number, ColumnType.Integer, ColumnType.Boolean, ColumnType.Text, ColumnType.Timestamp }
            .Select(type => new Field("value", type)),
    ];

    private static readonly Guid Id = new("0f8fad5b-d9cb-469f-a165-70867728950e");

    public enum Level
    {
        Low,
        High,
    }

    public enum Huge : ulong
    {
        Most = ulong.MaxValue,
    }

    public enum Wide : long
    {
        Least = long.MinValue,
    }

    public enum Narrow : byte
    {
        None,
    }

    // What a column of numbers, whole numbers, true and false, texts and points in time holds of it.
    private static IEnumerable<TestCaseData> Values()
    {
        yield return Case(1.5, "1.5", Misfit, Misfit, Misfit, Misfit);
        yield return Case(2.0, "2", "2", Misfit, Misfit, Misfit);
        yield return Case(1.0, "1", "1", "true", Misfit, Misfit);
        yield return Case(-0.0, "0", "0", "false", Misfit, Misfit);
        yield return Case(double.NaN, Missing, Missing, Missing, Missing, Missing);
        yield return Case(double.PositiveInfinity, "Infinity", Misfit, Misfit, Misfit, Misfit);
        yield return Case(1e300, "1E+300", Misfit, Misfit, Misfit, Misfit);
        yield return Case(9_223_372_036_854_775_808d, "9.223372036854776E+18", Misfit, Misfit, Misfit, Misfit);
        yield return Case(1.1f, "1.1", Misfit, Misfit, Misfit, Misfit);
        yield return Case(-0f, "0", "0", "false", Misfit, Misfit);
        yield return Case(16_777_217f, "16777216", "16777216", Misfit, Misfit, Misfit);
        yield return Case(1e10f, "10000000000", "10000000000", Misfit, Misfit, Misfit);
        yield return Case(float.NaN, Missing, Missing, Missing, Missing, Missing);
        yield return Case(float.NegativeInfinity, "-Infinity", Misfit, Misfit, Misfit, Misfit);
        yield return Case((Half)1.1, "1.1", Misfit, Misfit, Misfit, Misfit);
        yield return Case(1.10m, "1.1", Misfit, Misfit, Misfit, Misfit);
        yield return Case(79228162514264337593543950335m, "7.922816251426434E+28", Misfit, Misfit, Misfit, Misfit);
        yield return Case(3.0m, "3", "3", Misfit, Misfit, Misfit);
        yield return Case(7, "7", "7", Misfit, Misfit, Misfit);
        yield return Case((short)1, "1", "1", "true", Misfit, Misfit);
        yield return Case((sbyte)-1, "-1", "-1", Misfit, Misfit, Misfit);
        yield return Case((byte)0, "0", "0", "false", Misfit, Misfit);
        yield return Case((ushort)7, "7", "7", Misfit, Misfit, Misfit);
        yield return Case(4_000_000_000u, "4000000000", "4000000000", Misfit, Misfit, Misfit);
        yield return Case(long.MaxValue, "9.223372036854776E+18", "9223372036854775807", Misfit, Misfit, Misfit);
        yield return Case(7ul, "7", "7", Misfit, Misfit, Misfit);
        yield return Case(ulong.MaxValue, "1.8446744073709552E+19", Misfit, Misfit, Misfit, Misfit);
        yield return Case(true, "1", "1", "true", Misfit, Misfit);
        yield return Case(false, "0", "0", "false", Misfit, Misfit);
        yield return Case(Level.High, "1", "1", "true", "High", Misfit);
        yield return Case(Huge.Most, "1.8446744073709552E+19", Misfit, Misfit, "Most", Misfit);
        yield return Case((Level)7, "7", "7", Misfit, "7", Misfit);
        yield return Case(Wide.Least, "-9.223372036854776E+18", "-9223372036854775808", Misfit, "Least", Misfit);
        yield return Case(Narrow.None, "0", "0", "false", "None", Misfit);
        yield return Case("yearly", Misfit, Misfit, Misfit, "yearly", Misfit);
        yield return Case("2024-01-31T12:00:00+02:00", Misfit, Misfit, Misfit, "2024-01-31T12:00:00+02:00", "2024-01-31T10:00:00.0000000Z");
        yield return Case('B', Misfit, Misfit, Misfit, "B", Misfit);
        yield return Case(Id, Misfit, Misfit, Misfit, Id.ToString(), Misfit);
        yield return Case(
            new DateTime(2024, 1, 31, 12, 0, 0, DateTimeKind.Utc), Misfit, Misfit, Misfit, Misfit, "2024-01-31T12:00:00.0000000Z");
        yield return Case(new DateTime(2024, 1, 31), Misfit, Misfit, Misfit, Misfit, "2024-01-31T00:00:00.0000000Z");
        yield return Case(
            new DateTimeOffset(2024, 1, 31, 1, 0, 0, TimeSpan.FromHours(2)),
            Misfit, Misfit, Misfit, Misfit, "2024-01-30T23:00:00.0000000Z");
        yield return Case(new DateOnly(2024, 1, 31), Misfit, Misfit, Misfit, Misfit, "2024-01-31T00:00:00.0000000Z");
    }

    private static IEnumerable<TestCaseData> Nothing()
    {
        yield return new TestCaseData(null);
        yield return new TestCaseData(DBNull.Value);
        yield return new TestCaseData(double.NaN);
        yield return new TestCaseData(float.NaN);
        yield return new TestCaseData(Half.NaN);
        yield return new TestCaseData(default(JsonElement));
        yield return new TestCaseData(JsonSerializer.SerializeToElement<object?>(null));
    }

    [TestCaseSource(nameof(Values))]
    public void Append_ByAnyWay_GivesTheSame(object value, string[] expected) => Assert.Multiple(() =>
    {
        foreach (var (i, field) in Fields.Index())
        {
            var type = value.GetType();

            // A property whose type never fits is refused whatever it holds.
            var ofClass = CellConversion.CanFit(type, field.Type) ? expected[i] : Misfit;
            Assert.That(OfClass(typeof(Plain<>), type, value, field), Is.EqualTo(ofClass), $"class, {field.Type}");
            Assert.That(OfClass(typeof(Plain<>), typeof(object), value, field), Is.EqualTo(expected[i]), $"object, {field.Type}");
            if (type.IsValueType)
            {
                Assert.That(
                    OfClass(typeof(Plain<>), typeof(Nullable<>).MakeGenericType(type), value, field),
                    Is.EqualTo(ofClass),
                    $"nullable, {field.Type}");
            }

            Assert.That(OfDictionary(value, field), Is.EqualTo(expected[i]), $"dictionary, {field.Type}");

            // A database also reads texts that write a value, and writes what the schema wants as text.
            if (expected[i] != Misfit) Assert.That(OfDatabase(value, field), Is.EqualTo(expected[i]), $"database, {field.Type}");

            // JSON has no enums, no points in time but as texts, and nothing for what is not finite.
            if (value is Enum or double.NaN or double.PositiveInfinity or float.NaN or float.NegativeInfinity) continue;
            if (value is (DateTime or DateTimeOffset or DateOnly) && field.Type == ColumnType.Text) continue;
            Assert.That(OfDictionary(JsonSerializer.SerializeToElement(value), field), Is.EqualTo(expected[i]), $"JSON, {field.Type}");
        }
    });

    [TestCaseSource(nameof(Nothing))]
    public void Append_NoValue_IsMissingInEveryColumn(object? value) => Assert.Multiple(() =>
    {
        foreach (var field in Fields.Append(new Field("value", ColumnType.Vector, 2)))
        {
            Assert.That(OfDictionary(value, field), Is.EqualTo(Missing), $"dictionary, {field.Type}");
            Assert.That(OfClass(typeof(Plain<>), typeof(object), value, field), Is.EqualTo(Missing), $"object, {field.Type}");
            Assert.That(OfDatabase(value!, field), Is.EqualTo(Missing), $"database, {field.Type}");
        }
    });

    [Test]
    public void Append_Vectors_NeedTheLengthOfTheColumn() => Assert.Multiple(() =>
    {
        var field = new Field("value", ColumnType.Vector, 2);
        object[] values = [new[] { 1.5f, -2f }, new[] { 1.5, -2.0 }, JsonSerializer.SerializeToElement(new[] { 1.5, -2 })];
        foreach (var value in values)
        {
            Assert.That(OfDictionary(value, field), Is.EqualTo("[1.5 -2]"));
            Assert.That(OfDictionary(value, field with { Length = 3 }), Is.EqualTo(Misfit));
            Assert.That(OfClass(typeof(Plain<>), value.GetType(), value, field), Is.EqualTo("[1.5 -2]"));
            Assert.That(OfDictionary(value, new Field("value", ColumnType.Number)), Is.EqualTo(Misfit));
        }

        Assert.That(OfDictionary(JsonSerializer.SerializeToElement(new[] { "a", "b" }), field), Is.EqualTo(Misfit));
        Assert.That(OfDictionary(new[] { 1e300, 1 }, field), Is.EqualTo(Misfit), "a float would be infinite");
        Assert.That(OfDictionary(new[] { double.PositiveInfinity, 1 }, field), Is.EqualTo("[Infinity 1]"));
    });

    [TestCase("9007199254740993.0", "9007199254740993")]
    [TestCase("9007199254740993e0", "9007199254740993")]
    [TestCase("9223372036854775807.0", "9223372036854775807")]
    [TestCase("1e3", "1000")]
    [TestCase("1.5", Misfit)]
    [TestCase("9223372036854775808.0", Misfit)]
    [TestCase("1e400", Misfit)]
    public void Append_JsonNumberWithPointOrExponent_KeepsEveryDigitOfAWholeNumber(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);

        Assert.That(OfDictionary(document.RootElement, new Field("value", ColumnType.Integer)), Is.EqualTo(expected));
    }

    [Test]
    public void Append_ValueThatDoesNotFit_SaysWhatToWhatAndHow()
    {
        string Of(object value, ColumnType type) => Assert.Throws<MlOpsException>(
            () => CellConversion.Append(ColumnBuilder.Create(type), value, new Field("vip", type), coded: true))!.Message;

        Assert.Multiple(() =>
        {
            Assert.That(Of(2, ColumnType.Boolean), Does.Contain("'vip' is Int32 2").And.Contain("true or false").And.Contain("1 or 0"));
            Assert.That(Of(1.5, ColumnType.Integer), Does.Contain("Double 1.5").And.Contain("whole number").And.Contain("Cast("));
            Assert.That(Of("old", ColumnType.Number), Does.Contain("String 'old'").And.Contain("Give a number"));
            Assert.That(
                Of(JsonSerializer.SerializeToElement(new { a = 1 }), ColumnType.Text),
                Does.Contain("is an object, and the column holds a text").And.Contain("Send a text"));
            Assert.That(Of(7, ColumnType.Timestamp), Does.Contain("DateTimeOffset"));
        });
    }

    [Test]
    public void PrintedNumber_AnyFloat_IsTheNumberThatItPrints()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (!float.IsFinite(value)) continue;
            var expected = double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (PrintedNumber.Of(value) != expected) Assert.Fail($"{value:R}: {PrintedNumber.Of(value):R}");
        }
    }

    private static TestCaseData Case(object value, params string[] expected) =>
        new TestCaseData(value, expected).SetArgDisplayNames(
            $"{value.GetType().Name} {Convert.ToString(value, CultureInfo.InvariantCulture)}");

    private static string OfDictionary(object? value, Field field) =>
        Shown(field, builder => CellConversion.Append(builder, value, field, coded: false));

    private static string OfDatabase(object value, Field field) =>
        DatabaseValues.Fits(value, field) ? Shown(field, builder => DatabaseValues.Append(value, field, builder)) : Misfit;

    private static string OfClass(Type holder, Type type, object? value, Field field)
    {
        var row = Activator.CreateInstance(holder.MakeGenericType(type), value)!;
        var bind = typeof(CellConversionTests).GetMethod(nameof(Bind), BindingFlags.NonPublic | BindingFlags.Static)!;
        return Shown(field, builder => ((Action<ColumnBuilder>)bind.MakeGenericMethod(row.GetType()).Invoke(null, [row, field])!)(builder));
    }

    private static Action<ColumnBuilder> Bind<T>(T row, Field field) => builder =>
    {
        foreach (var coded in new[] { true, false })
        {
            builder.Clear();
            new ObjectShape<T>().Bind(new Schema(field), coded)(row, [builder]);
        }
    };

    private static string Shown(Field field, Action<ColumnBuilder> append)
    {
        var builder = ColumnBuilder.Create(field.Type, field.Length);
        try
        {
            append(builder);
        }
        catch (MlOpsException e) when (e.Column == field.Name)
        {
            return Misfit;
        }

        var column = builder.Build();
        return column.GetText(0) ?? Missing;
    }

    private sealed record Plain<T>(T Value);
}
