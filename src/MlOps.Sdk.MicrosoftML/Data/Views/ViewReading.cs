namespace MlOps.Sdk.MLNet;

/// <summary>How a column is read by ML.NET.</summary>
internal enum ViewReading
{
    /// <summary>A number as <see cref="double"/>; missing is NaN.</summary>
    Number,

    /// <summary>An integer as <see cref="long"/>; none is missing.</summary>
    Integer,

    /// <summary>An integer of a column with missing values as <see cref="float"/>; missing is NaN.</summary>
    IntegerOrNaN,

    /// <summary>True or false as <see cref="bool"/>; none is missing.</summary>
    Boolean,

    /// <summary>True or false of a column with missing values as <see cref="float"/> 1 or 0; missing is NaN.</summary>
    BooleanOrNaN,

    /// <summary>A text; missing is empty.</summary>
    Text,

    /// <summary>A point in time as <see cref="DateTime"/> in UTC; none is missing.</summary>
    Timestamp,

    /// <summary>
    /// A point in time of a column with missing values as <see cref="double"/>, in seconds since 1970-01-01 UTC; missing is NaN.
    /// </summary>
    TimestampOrNaN,

    /// <summary>A vector of <see cref="float"/>; every element of a missing one is NaN.</summary>
    Vector,
}
