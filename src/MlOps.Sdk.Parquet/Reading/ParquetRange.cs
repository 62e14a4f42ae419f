namespace MlOps.Sdk.Collection;

/// <summary>A range of a column, both ends included, as it was given: of longs, doubles, points in time or texts.</summary>
internal sealed record ParquetRange(string Column, object From, object To)
{
    /// <summary>What distinguishes it from others, for the version of the content.</summary>
    public string Key => FormattableString.Invariant($"{Column.Length}:{Column}:{From.GetType().Name}:{Text(From)}:{Text(To)}");

    private static string Text(object value) => value switch
    {
        double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        DateTime time => FormattableString.Invariant($"{time.Ticks}"),
        string text => FormattableString.Invariant($"{text.Length}:{text}"),
        _ => FormattableString.Invariant($"{value}"),
    };
}
