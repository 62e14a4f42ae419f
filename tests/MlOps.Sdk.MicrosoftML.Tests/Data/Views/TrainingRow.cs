using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A row as a program that uses ML.NET declares it.</summary>
internal sealed class TrainingRow
{
    [ColumnName("charge")]
    public double Charge { get; set; }

    [ColumnName("tenure")]
    public long Tenure { get; set; }

    [ColumnName("contract")]
    public string Contract { get; set; } = "";

    [ColumnName("Label")]
    public bool Churn { get; set; }
}
