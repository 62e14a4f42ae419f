using Microsoft.ML.Data;

namespace MicrosoftMLExample;

/// <summary>A row as the team's program that uses ML.NET alone reads it.</summary>
internal sealed class CallRow
{
    [LoadColumn(0), ColumnName("tenure")]
    public float Tenure { get; set; }

    [LoadColumn(1), ColumnName("contract")]
    public string Contract { get; set; } = "";

    [LoadColumn(2), ColumnName("churn")]
    public bool Churn { get; set; }
}
