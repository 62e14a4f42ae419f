using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks.Drift;

/// <summary>
/// A table of 20 mixed columns, a score and a decision, drawn from known distributions; and the changes that are planted in it. Seeded.
/// </summary>
internal sealed class DriftTable(int seed)
{
    private readonly Random _random = new(seed);
    private readonly double[] _latent = new double[22];

    private static readonly Schema s_schema = new(
        [
            .. new[]
            {
                "norm", "norm50", "logn", "logn15", "exp", "t2", "pareto", "pois3", "pois02", "age", "zeroinfl", "miss1", "miss20",
            }.Select(name => new Field(name, ColumnType.Number)),
            .. new[] { "cat3", "cat10", "cat200", "sku2000", "id" }.Select(name => new Field(name, ColumnType.Text)),
            new Field("bool50", ColumnType.Boolean),
            new Field("bool2", ColumnType.Boolean),
            new Field("score", ColumnType.Number),
            new Field("decision", ColumnType.Text),
        ]);

    private static readonly double[] s_cat200 = Zipf(200, 0.8);
    private static readonly double[] s_sku2000 = Zipf(2_000, 0.5);

    private long _id;
    private int _row;
    private double[] _day = new double[22];

    /// <summary>Draws the next rows.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="change">What is planted; empty for nothing.</param>
    /// <param name="rowAr">The autocorrelation of rows.</param>
    /// <param name="daySd">The standard deviation of day effects of 250 rows each, whose autocorrelation is 0.7.</param>
    public Dataset Next(int rows, string change = "", double rowAr = 0, double daySd = 0)
    {
        var builder = new RecordBatchBuilder(s_schema, rows);
        for (var row = 0; row < rows; row++, _row++)
        {
            if (daySd > 0 && _row % 250 == 0)
            {
                for (var i = 0; i < _day.Length; i++)
                {
                    _day[i] = _row == 0 ? daySd * Normal() : 0.7 * _day[i] + daySd * Math.Sqrt(1 - 0.49) * Normal();
                }
            }

            for (var i = 0; i < _latent.Length; i++)
            {
                _latent[i] = _row == 0 || rowAr == 0 ? Normal() : rowAr * _latent[i] + Math.Sqrt(1 - rowAr * rowAr) * Normal();
            }

            Append(builder, change);
        }

        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    private void Append(RecordBatchBuilder to, string change)
    {
        var at = 0;
        double Z() => _latent[at] + _day[at++];
        double U() => Phi(Z());
        void Number(double value) => ((NumberColumnBuilder)to[at - 1]).Append(value);
        void Text(string value) => ((TextColumnBuilder)to[at - 1]).Append(value);

        var norm = Z() * (change == "spread1.3" ? 1.3 : 1);
        if (change.StartsWith("shift", StringComparison.Ordinal))
            norm += double.Parse(change[5..], System.Globalization.CultureInfo.InvariantCulture);
        Number(norm);
        Number((50 + 10 * Z()) * (change == "unit1.05" ? 1.05 : 1));
        Number(Math.Exp(Z()));
        Number(Math.Exp(1.5 * Z()));
        Number(-Math.Log(1 - U()));
        var u = U();
        Number((2 * u - 1) / Math.Sqrt(2 * u * (1 - u)));
        Number(Math.Pow(1 - U(), -1 / 1.5));
        Number(Poisson(U(), 3));
        Number(Poisson(U(), 0.2));
        Number(Math.Floor(18 + 62 * U()));
        var zero = U();
        Number(zero < 0.6 ? 0 : -Math.Log(1 - (zero - 0.6) / 0.4));
        MissingOr(to, ref at, change == "missing5" ? 0.05 : 0.01);
        MissingOr(to, ref at, 0.2);
        var three = U();
        if (change.StartsWith("new", StringComparison.Ordinal) && _random.NextDouble() < int.Parse(change[3..]) / 100.0) Text("new");
        else Text(three < 0.6 ? "a" : three < 0.9 ? "b" : "c");
        var ten = U();
        var level = (int)Math.Min(9, 10 * ten * ten);
        if (change == "points10" && level != 1 && _random.NextDouble() < 0.1 / (1 - 0.131)) level = 1;
        Text($"level {level}");
        Text($"c{Find(s_cat200, U())}");
        Text($"sku {Find(s_sku2000, U())}");
        at++;
        Text($"id {_id++}");
        ((BooleanColumnBuilder)to[at]).Append(U() < 0.5);
        ((BooleanColumnBuilder)to[at]).Append(U() < (change == "boolean4" ? 0.04 : 0.02));
        var score = U();
        Number(score);
        at++;
        Text(score > 0.7 ? "yes" : "no");
    }

    private void MissingOr(RecordBatchBuilder to, ref int at, double share)
    {
        var u = Phi(_latent[at] + _day[at]);
        if (u < share) to[at].AppendNull();
        else ((NumberColumnBuilder)to[at]).Append(Normal());
        at++;
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private static double Phi(double z) => Math.Clamp(1 - MlOps.Sdk.Statistics.Distribution.NormalTail(z), 1e-12, 1 - 1e-12);

    private static int Poisson(double u, double mean)
    {
        var (k, p) = (0, Math.Exp(-mean));
        for (var sum = p; u > sum && k < 100; sum += p) p *= mean / ++k;
        return k;
    }

    private static double[] Zipf(int levels, double power)
    {
        var cumulative = new double[levels];
        var sum = 0.0;
        for (var i = 0; i < levels; i++) cumulative[i] = sum += Math.Pow(i + 1, -power);
        for (var i = 0; i < levels; i++) cumulative[i] /= sum;
        return cumulative;
    }

    private static int Find(double[] cumulative, double u)
    {
        var i = Array.BinarySearch(cumulative, u);
        return Math.Min(cumulative.Length - 1, i < 0 ? ~i : i);
    }
}
