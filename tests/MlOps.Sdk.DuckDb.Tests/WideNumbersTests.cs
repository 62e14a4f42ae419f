using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests;

/// <summary>Numbers that are wider than those of .NET.</summary>
internal sealed class WideNumbersTests
{
    [Test]
    public async Task Sum_OfWholeNumbers_IsAColumnOfWholeNumbers()
    {
        var table = Warehouse.DuckDb().Query("SELECT i % 3 AS k, sum(i::INTEGER) AS n FROM range(10) t(i) GROUP BY 1 ORDER BY 1");

        var profile = await table.ProfileAsync();
        var rows = await table.ToSource().ReadAllAsync();

        Assert.That(profile.Columns[1].Type, Is.EqualTo(ColumnType.Integer));
        Assert.That((profile.Columns[1].Minimum, profile.Columns[1].Maximum), Is.EqualTo((12d, 18d)));
        Assert.That(((IntegerColumn)rows["n"]).Values.ToArray(), Is.EqualTo(new long[] { 18, 12, 15 }));
    }

    [TestCase("170141183460469231731687303715884105727::HUGEINT")]
    [TestCase("340282366920938463463374607431768211455::UHUGEINT")]
    [TestCase("-9223372036854775809::HUGEINT")]
    public void Read_WholeNumberOfMoreThan64Bits_IsAnErrorThatNamesTheColumn(string value)
    {
        var table = Warehouse.DuckDb().Query($"SELECT {value} AS wide");

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("wide"));
        Assert.That(
            () => table.ToSource().ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Property(nameof(MlOpsException.Column)).EqualTo("wide"));
    }

    [TestCase("-9223372036854775808::HUGEINT", long.MinValue)]
    [TestCase("9223372036854775807::UHUGEINT", long.MaxValue)]
    public async Task Read_WholeNumberOf64Bits_IsRead(string value, long expected)
    {
        var table = Warehouse.DuckDb().Query($"SELECT {value} AS wide");

        Assert.That((await table.ProfileAsync()).Columns[0].Minimum, Is.EqualTo((double)expected));
        Assert.That(((IntegerColumn)(await table.ToSource().ReadAllAsync())["wide"]).Values[0], Is.EqualTo(expected));
    }

    [TestCase("123456789012345678901234567890.5", 1, 123456789012345678901234567890.5)]
    [TestCase("-0.00000000012345678901234567890123456", 38, -0.00000000012345678901234567890123456)]
    [TestCase("12345678901234567890123456789012345678", 0, 12345678901234567890123456789012345678d)]
    public async Task Read_DecimalOfMoreThan28Digits_IsTheNumberOfTheProfile(string value, int scale, double expected)
    {
        var table = Warehouse.DuckDb().Query($"SELECT '{value}'::DECIMAL(38, {scale}) AS wide");

        var rows = await table.ToSource().ReadAllAsync();

        Assert.That(rows["wide"].GetNumber(0), Is.EqualTo(expected).Within(1e-15 * Math.Abs(expected)));
        Assert.That((await table.ProfileAsync()).Columns[0].Minimum, Is.EqualTo(expected).Within(1e-14 * Math.Abs(expected)));
    }
}
