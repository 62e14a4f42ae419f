using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>A customer, as a program that uses Microsoft.ML declares one.</summary>
internal sealed class ChurnRow
{
    [ColumnName("female")]
    public float Female { get; set; }

    [ColumnName("senior_citizen")]
    public float SeniorCitizen { get; set; }

    [ColumnName("partner")]
    public float Partner { get; set; }

    [ColumnName("dependents")]
    public float Dependents { get; set; }

    [ColumnName("tenure")]
    public float Tenure { get; set; }

    [ColumnName("phone_service")]
    public float PhoneService { get; set; }

    [ColumnName("multiple_lines")]
    public string MultipleLines { get; set; } = "";

    [ColumnName("internet_service")]
    public string InternetService { get; set; } = "";

    [ColumnName("online_security")]
    public string OnlineSecurity { get; set; } = "";

    [ColumnName("online_backup")]
    public string OnlineBackup { get; set; } = "";

    [ColumnName("device_protection")]
    public string DeviceProtection { get; set; } = "";

    [ColumnName("tech_support")]
    public string TechSupport { get; set; } = "";

    [ColumnName("streaming_tv")]
    public string StreamingTv { get; set; } = "";

    [ColumnName("streaming_movies")]
    public string StreamingMovies { get; set; } = "";

    [ColumnName("contract")]
    public string Contract { get; set; } = "";

    [ColumnName("paperless_billing")]
    public float PaperlessBilling { get; set; }

    [ColumnName("payment_method")]
    public string PaymentMethod { get; set; } = "";

    [ColumnName("monthly_charges")]
    public float MonthlyCharges { get; set; }

    [ColumnName("total_charges")]
    public float TotalCharges { get; set; }

    [ColumnName("churn")]
    public bool Churn { get; set; }

    public static ChurnRow Of(Dataset rows, int row)
    {
        return new ChurnRow
        {
            Female = Number("female"),
            SeniorCitizen = Number("senior_citizen"),
            Partner = Number("partner"),
            Dependents = Number("dependents"),
            Tenure = Number("tenure"),
            PhoneService = Number("phone_service"),
            MultipleLines = Text("multiple_lines"),
            InternetService = Text("internet_service"),
            OnlineSecurity = Text("online_security"),
            OnlineBackup = Text("online_backup"),
            DeviceProtection = Text("device_protection"),
            TechSupport = Text("tech_support"),
            StreamingTv = Text("streaming_tv"),
            StreamingMovies = Text("streaming_movies"),
            Contract = Text("contract"),
            PaperlessBilling = Number("paperless_billing"),
            PaymentMethod = Text("payment_method"),
            MonthlyCharges = Number("monthly_charges"),
            TotalCharges = Number("total_charges"),
        };

        float Number(string column) => (float)rows[column].GetNumber(row);

        string Text(string column) => rows[column].GetText(row) ?? "";
    }
}
