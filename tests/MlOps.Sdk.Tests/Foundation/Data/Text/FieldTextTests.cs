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
                1 => (random.NextDouble() * Math.Pow(10, random.Next(-12, 12))).ToString(
                    "F" + random.Next(0, 12),
                    CultureInfo.InvariantCulture),
                2 => random.NextInt64().ToString(CultureInfo.InvariantCulture) + "." + random.NextInt64(),
                _ => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture) + "e" + random.Next(-30, 30),
            };
            var expected = double.Parse(text, CultureInfo.InvariantCulture);
            var parsed = FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out var value);
            Assert.That(parsed, Is.EqualTo(double.IsFinite(expected)), text);
            if (parsed) Assert.That(BitConverter.DoubleToInt64Bits(value), Is.EqualTo(BitConverter.DoubleToInt64Bits(expected)), text);
        }
    }

    [Test]
    public void TryNumber_ManyDigits_AreRoundedToTheNearestDoubleAndTiesToEven()
    {
        var random = new Random(11);
        for (var i = 0; i < 200_000; i++)
        {
            var digits = random.Next(1, 20);
            var significand = (ulong)(random.NextDouble() * Math.Pow(10, digits));
            if (i % 3 == 0) significand = (1UL << random.Next(50, 63)) + (ulong)random.Next(-3, 4);
            Compare(significand.ToString(CultureInfo.InvariantCulture), random.Next(0, 30));
        }

        // Half-way between two doubles, and next to it.
        for (var i = 0; i < 50_000; i++)
        {
            var odd = ((1UL << 53) | ((ulong)random.NextInt64() & ((1UL << 53) - 1))) | 1;
            var (scaled, decimals) = (odd, 0);
            for (var halves = random.Next(0, 5); halves > 0 && scaled < ulong.MaxValue / 5; halves--)
            {
                (scaled, decimals) = (scaled * 5, decimals + 1);
            }
            foreach (var near in new[] { scaled - 1, scaled, scaled + 1 }) Compare(near.ToString(CultureInfo.InvariantCulture), decimals);
        }

        static void Compare(string digits, int decimals)
        {
            var text = decimals == 0
                ? digits
                : digits.PadLeft(decimals + 1, '0').Insert(Math.Max(digits.Length, decimals + 1) - decimals, ".");
            var expected = double.Parse(text, CultureInfo.InvariantCulture);
            if (!FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out var value)
                || BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(expected))
            {
                Assert.Fail($"{text}: {value:R} instead of {expected:R}");
            }
        }
    }

    [TestCase("1")]
    [TestCase("-1.")]
    [TestCase(".5")]
    [TestCase("1e5")]
    [TestCase("1.5E-3")]
    [TestCase("12345678901234567890.5")]
    public void IsNumber_Number_IsOne(string text) => Assert.That(
        (FieldText.IsNumber(Encoding.UTF8.GetBytes(text)), FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _)),
        Is.EqualTo((true, true)));

    [Test]
    public void IsNumber_VeryLongNumbers_AreThoseThatAreFinite()
    {
        foreach (var text in new[] { new string('9', 400), new string('0', 400) + "1", "0." + new string('3', 500), new string('9', 305) })
        {
            Assert.That(
                FieldText.IsNumber(Encoding.UTF8.GetBytes(text)),
                Is.EqualTo(FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _)),
                text[..5]);
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
    public void TryNumber_NoFiniteNumber_Refuses(string text) => Assert.That(
        (FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _), FieldText.IsNumber(Encoding.UTF8.GetBytes(text))),
        Is.EqualTo((false, false)));

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
    [TestCase("2024-02-29T12:60")]
    [TestCase("2024-02-29T12:30:60")]
    [TestCase("2024-02-29T12:30+15:00")]
    [TestCase("2024-02-29T12:30+1")]
    [TestCase("2024-02-29T12:30+01:")]
    [TestCase("2024-02-30")]
    [TestCase("2024-02-00")]
    [TestCase("20a4-02-01")]
    [TestCase("2024-02-29T12-30")]
    [TestCase("0001-01-01T00:00:00+01:00")]
    public void TryTimestamp_NoIso8601_Refuses(string text) =>
        Assert.That(FieldText.TryTimestamp(Encoding.UTF8.GetBytes(text), out _), Is.False);
}
