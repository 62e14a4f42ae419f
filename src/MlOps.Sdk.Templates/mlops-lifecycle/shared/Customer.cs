namespace LifecycleApp;

/// <summary>Whom a prediction is for. <c>MonthlyCharges</c> represents the column <c>monthly_charges</c>.</summary>
internal sealed record Customer(int Tenure, double MonthlyCharges, string Contract, string InternetService);
