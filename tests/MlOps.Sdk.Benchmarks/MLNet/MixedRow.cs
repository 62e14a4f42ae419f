namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>A row of ten columns, as a program that uses Microsoft.ML declares it.</summary>
internal sealed class MixedRow
{
    public double Charge { get; set; }

    public double Total { get; set; }

    public double Latitude { get; set; }

    public double Longitude { get; set; }

    public long Tenure { get; set; }

    public long Calls { get; set; }

    public bool Active { get; set; }

    public string Contract { get; set; } = "";

    public string City { get; set; } = "";

    public DateTime Since { get; set; }
}
