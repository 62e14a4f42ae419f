namespace CustomerChurn;

/// <summary>
/// A customer, as the application knows one. Properties represent the columns of the table:
/// <c>MonthlyCharges</c> is <c>monthly_charges</c>.
/// </summary>
internal sealed record Customer
{
    public int Female { get; init; }

    public int SeniorCitizen { get; init; }

    public int Partner { get; init; }

    public int Dependents { get; init; }

    public int Tenure { get; init; }

    public int PhoneService { get; init; }

    public required string MultipleLines { get; init; }

    public required string InternetService { get; init; }

    public required string OnlineSecurity { get; init; }

    public required string OnlineBackup { get; init; }

    public required string DeviceProtection { get; init; }

    public required string TechSupport { get; init; }

    public required string StreamingTv { get; init; }

    public required string StreamingMovies { get; init; }

    public required string Contract { get; init; }

    public int PaperlessBilling { get; init; }

    public required string PaymentMethod { get; init; }

    public double MonthlyCharges { get; init; }

    public double? TotalCharges { get; init; }
}
