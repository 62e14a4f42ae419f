namespace MlOps.Sdk.MLNet;

/// <summary>Reads the values of a column at the row of a cursor.</summary>
internal abstract class ColumnGetter
{
    /// <summary>A <see cref="Microsoft.ML.ValueGetter{TValue}"/> of the type that ML.NET reads.</summary>
    public abstract Delegate Delegate { get; }

    /// <summary>Sets the column that is read from now on.</summary>
    public abstract void Bind(ViewColumn column);

    /// <summary>Creates the getter of a column.</summary>
    public static ColumnGetter Create(ViewReading reading, ViewCursor cursor) => reading switch
    {
        ViewReading.Number => new NumberGetter(cursor),
        ViewReading.Integer => new IntegerGetter(cursor),
        ViewReading.IntegerOrNaN => new IntegerOrNaNGetter(cursor),
        ViewReading.Boolean => new BooleanGetter(cursor),
        ViewReading.BooleanOrNaN => new BooleanOrNaNGetter(cursor),
        ViewReading.Text => new TextGetter(cursor),
        ViewReading.Timestamp => new TimestampGetter(cursor),
        ViewReading.TimestampOrNaN => new TimestampOrNaNGetter(cursor),
        ViewReading.Vector => new VectorGetter(cursor),
        _ => throw new ArgumentOutOfRangeException(nameof(reading)),
    };
}
