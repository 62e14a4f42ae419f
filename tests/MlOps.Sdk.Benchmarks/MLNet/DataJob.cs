using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>
/// Reads every value of 1 M rows × 10 columns through a cursor: of <c>dataset.AsDataView()</c> beside <c>LoadFromEnumerable</c>
/// over the same rows as objects, and of <c>source.AsDataViewAsync()</c>, which streams from a file, beside
/// <c>LoadFromBinary</c>, which does so too.
/// </summary>
internal static class DataJob
{
    private const int RowCount = 1_000_000;
    private const int Passes = 2;

    public static async Task RunAsync()
    {
        var rows = Rows();
        var source = DataSources.Objects(rows);
        var ml = new MLContext(1);
        var inMemory = (await source.ReadAllAsync().ConfigureAwait(false)).AsDataView();
        Compare<InMemory, Loaded>("dataset.AsDataView()", inMemory, "LoadFromEnumerable", ml.Data.LoadFromEnumerable(rows));

        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.Create(path)) ml.Data.SaveAsBinary(inMemory, file);
            using var streamed = await source.AsDataViewAsync().ConfigureAwait(false);
            Compare<FromSnapshot, FromBinary>("source.AsDataViewAsync()", streamed, "LoadFromBinary", ml.Data.LoadFromBinary(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Compare<TOurs, TTheirs>(string ourName, IDataView ours, string theirName, IDataView theirs)
        where TOurs : struct
        where TTheirs : struct
    {
        if (Sum<TOurs>(ours) != Sum<TTheirs>(theirs)) throw new InvalidOperationException("The two views differ.");
        SideBySide.Run(
            $"{RowCount:N0} rows x {ours.Schema.Count} columns, {Passes} passes",
            (ourName, () => Repeat<TOurs>(ours)),
            (theirName, () => Repeat<TTheirs>(theirs)),
            Passes * (double)RowCount,
            "rows");
    }

    private static void Repeat<TOf>(IDataView view)
        where TOf : struct
    {
        for (var i = 0; i < Passes; i++) Sum<TOf>(view);
    }

    // An instance of its own for each view: compiled for the getters that it meets, as in a program that has only one of them.
    private static double Sum<TOf>(IDataView view)
        where TOf : struct
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var (a, b) = (Getter<double>(cursor, 0), Getter<double>(cursor, 1));
        var (c, d) = (Getter<double>(cursor, 2), Getter<double>(cursor, 3));
        var (e, f) = (Getter<long>(cursor, 4), Getter<long>(cursor, 5));
        var g = Getter<bool>(cursor, 6);
        var (h, i) = (Getter<ReadOnlyMemory<char>>(cursor, 7), Getter<ReadOnlyMemory<char>>(cursor, 8));
        var j = Getter<DateTime>(cursor, 9);
        double charge = 0, total = 0, latitude = 0, longitude = 0, read = 0;
        long tenure = 0, calls = 0;
        var active = false;
        ReadOnlyMemory<char> contract = default, city = default;
        DateTime since = default;
        while (cursor.MoveNext())
        {
            a(ref charge);
            b(ref total);
            c(ref latitude);
            d(ref longitude);
            e(ref tenure);
            f(ref calls);
            g(ref active);
            h(ref contract);
            i(ref city);
            j(ref since);
            read += charge + tenure + city.Length;
        }

        return read + total + latitude + longitude + calls + (active ? 1 : 0) + contract.Length + since.Ticks;
    }

    private static ValueGetter<T> Getter<T>(DataViewRowCursor cursor, int column) => cursor.GetGetter<T>(cursor.Schema[column]);

    private static MixedRow[] Rows()
    {
        var random = new Random(1);
        string[] contracts = ["Month-to-month", "One year", "Two year"];
        string[] cities = [.. Enumerable.Range(0, 10_000).Select(i => $"City of {i}")];
        var start = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return [.. Enumerable.Range(0, RowCount).Select(_ => new MixedRow
        {
            Charge = random.NextDouble() * 100,
            Total = random.NextDouble() * 5000,
            Latitude = random.NextDouble() * 180 - 90,
            Longitude = random.NextDouble() * 360 - 180,
            Tenure = random.Next(72),
            Calls = random.Next(1000),
            Active = random.Next(2) == 1,
            Contract = contracts[random.Next(contracts.Length)],
            City = cities[random.Next(cities.Length)],
            Since = start.AddSeconds(random.Next(100_000_000)),
        })];
    }

    private readonly struct InMemory;

    private readonly struct Loaded;

    private readonly struct FromSnapshot;

    private readonly struct FromBinary;
}
