using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Data;

public sealed class FieldTextTests
{
    [Test]
    public void TryNumber_RandomNumbers_EqualTheFramework()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()).ToString("R", CultureInfo.InvariantCulture),
                1 => (random.NextDouble() * Math.Pow(10, random.Next(-12, 12))).ToString("F" + random.Next(0, 12), CultureInfo.InvariantCulture),
                2 => random.NextInt64().ToString(CultureInfo.InvariantCulture) + "." + random.NextInt64(),
                _ => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture) + "e" + random.Next(-30, 30),
            };
            var expected = double.Parse(text, CultureInfo.InvariantCulture);
            var parsed = FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out var value);
            Assert.That(parsed, Is.EqualTo(double.IsFinite(expected)), text);
            if (parsed) Assert.That(BitConverter.DoubleToInt64Bits(value), Is.EqualTo(BitConverter.DoubleToInt64Bits(expected)), text);
        }
    }

    [TestCase("")]
    [TestCase("-")]
    [TestCase(".")]
    [TestCase("1,5")]
    [TestCase(" 1")]
    [TestCase("1 ")]
    [TestCase("0x10")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e999")]
    [TestCase("1e")]
    [TestCase("1.2.3")]
    [TestCase("--1")]
    [TestCase("1_000")]
    public void TryNumber_NoFiniteNumber_Refuses(string text) => Assert.That(FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _), Is.False);

    [TestCase("9223372036854775807", true)]
    [TestCase("-9223372036854775808", true)]
    [TestCase("9223372036854775808", false)]
    [TestCase("123456789012345678", true)]
    [TestCase("12a", false)]
    [TestCase("", false)]
    [TestCase("-", false)]
    public void TryInteger_AtTheLimits_IsExact(string text, bool fits)
    {
        Assert.That(FieldText.TryInteger(Encoding.UTF8.GetBytes(text), out var value), Is.EqualTo(fits));
        if (fits) Assert.That(value.ToString(CultureInfo.InvariantCulture), Is.EqualTo(text));
    }

    [TestCase("2024-02-29", "2024-02-29T00:00:00.0000000Z")]
    [TestCase("2024-02-29 12:30", "2024-02-29T12:30:00.0000000Z")]
    [TestCase("2024-02-29T12:30:15.5", "2024-02-29T12:30:15.5000000Z")]
    [TestCase("2024-02-29T00:30:00+01:00", "2024-02-28T23:30:00.0000000Z")]
    [TestCase("2024-02-29T23:30:00-0130", "2024-03-01T01:00:00.0000000Z")]
    [TestCase("2024-02-29T12:30:15.123456789Z", "2024-02-29T12:30:15.1234567Z")]
    public void TryTimestamp_Iso8601_IsUtc(string text, string expected)
    {
        Assert.That(FieldText.TryTimestamp(Encoding.UTF8.GetBytes(text), out var ticks), Is.True);
        Assert.That(new DateTime(ticks, DateTimeKind.Utc).ToString("O", CultureInfo.InvariantCulture), Is.EqualTo(expected));
    }

    [TestCase("2023-02-29")]
    [TestCase("2024-13-01")]
    [TestCase("0000-01-01")]
    [TestCase("29.02.2024")]
    [TestCase("2024-1-1")]
    [TestCase("20240229")]
    [TestCase("2024-02-29T25:00")]
    [TestCase("2024-02-29T12")]
    [TestCase("2024-02-29T12:30:15.")]
    [TestCase("2024-02-29T12:30:15+")]
    [TestCase("2024-02-29T12:30:15x")]
    [TestCase("0001-01-01T00:00:00+01:00")]
    public void TryTimestamp_NoIso8601_Refuses(string text) => Assert.That(FieldText.TryTimestamp(Encoding.UTF8.GetBytes(text), out _), Is.False);
}
