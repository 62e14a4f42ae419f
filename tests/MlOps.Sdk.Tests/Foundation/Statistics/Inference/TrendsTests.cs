using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class TrendsTests
{
    [Test]
    public void MannKendall_AnyRows_CountsThePairs() =>
        Prop.ForAll<(byte Time, byte Value)[]>(rows =>
        {
            if (rows.Length < 3 || rows.All(row => row.Time % 9 == rows[0].Time % 9) || rows.All(row => row.Value % 6 == rows[0].Value % 6))
            {
                return true;
            }
            double[] times = [.. rows.Select(row => (double)(row.Time % 9))], values = [.. rows.Select(row => (double)(row.Value % 6))];
            double s = 0, timesDiffer = 0, valuesDiffer = 0;
            for (var i = 0; i < rows.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    s += Math.Sign(times[i] - times[j]) * Math.Sign(values[i] - values[j]);
                    timesDiffer += times[i] != times[j] ? 1 : 0;
                    valuesDiffer += values[i] != values[j] ? 1 : 0;
                }
            }

            return Math.Abs(Trends.MannKendall(times, values).EffectSize - s / Math.Sqrt(timesDiffer * valuesDiffer)) < 1e-12;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void MannKendall_ConstantValues_IsUndefinedAndSaysWhy()
    {
        var test = Trends.MannKendall([1, 2, 3], [4, 4, 4]);
        Assert.That((test.PValue, test.Statistic, test.EffectSize), Is.EqualTo((double.NaN, double.NaN, double.NaN)));
        Assert.That(test.Note, Does.Contain("equal"));
    }

    [Test]
    public void SenSlope_OutlierAtTheEnd_IsNotMoved()
    {
        double[] times = [.. Enumerable.Range(0, 30).Select(i => (double)i)], values = [.. times.Select(time => 2 * time)];
        values[^1] = 1e9;
        var (slope, interval) = Trends.SenSlope(times, values);
        Assert.That((slope, interval.Lower), Is.EqualTo((2.0, 2.0)));
    }

    [Test]
    public void SenSlope_AllAtOneTime_IsNaN() => Assert.That(Trends.SenSlope([5, 5], [1, 2]).Slope, Is.NaN);

    [Test]
    public void SenSlope_TooManyRows_Throws() =>
        Assert.That(() => Trends.SenSlope(new double[3001], new double[3001]), Throws.ArgumentException.With.Message.Contains("sample"));

    [Test]
    public void MannKendall_BadInput_Throws()
    {
        Assert.That(() => Trends.MannKendall([1, 2], [1, 2]), Throws.ArgumentException);
        Assert.That(() => Trends.MannKendall([1, 2, 3], [1, 2]), Throws.ArgumentException);
        Assert.That(() => Trends.MannKendall([1, 2, double.NaN], [1, 2, 3]), Throws.ArgumentException);
    }
}
