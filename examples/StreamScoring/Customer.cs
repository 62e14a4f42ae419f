namespace StreamScoring;

/// <summary>What the model reads of a customer. <c>MonthlyCharges</c> represents the column <c>monthly_charges</c>.</summary>
internal sealed record Customer
{
    public required int Tenure { get; init; }

    public required string Contract { get; init; }

    public required string InternetService { get; init; }

    public required string PaymentMethod { get; init; }

    public required double MonthlyCharges { get; init; }
}
