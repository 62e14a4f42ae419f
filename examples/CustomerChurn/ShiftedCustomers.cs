namespace CustomerChurn;

/// <summary>
/// The world after the table was written. The shift, in full: prices rise by 15 %; a campaign sells fiber lines on two-year contracts, so
/// that six of ten customers have one, paid by electronic check; and a competitor buys such customers out of their contracts, the longer
/// they have stayed the harder. The labels are drawn from this rule: the log-odds of leaving are -1.5, plus 2.0 with fiber, plus 0.03 for
/// each month of tenure beyond 24 with fiber, minus 0.04 for each month of tenure without fiber, plus 0.5 when paying by electronic check.
/// </summary>
internal static class ShiftedCustomers
{
    private const double PriceRise = 1.15;
    private const double CampaignShare = 0.6;

    public static IEnumerable<(string Key, Customer Customer, string Churn)> Draw(IReadOnlyList<Customer> customers, int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var customer = customers[random.Next(customers.Count)];
            if (random.NextDouble() < CampaignShare)
            {
                customer = customer with
                {
                    InternetService = "Fiber optic",
                    Contract = "Two year",
                    PaymentMethod = "Electronic check",
                    MonthlyCharges = Math.Max(customer.MonthlyCharges, 80),
                    OnlineSecurity = WithInternet(customer.OnlineSecurity),
                    OnlineBackup = WithInternet(customer.OnlineBackup),
                    DeviceProtection = WithInternet(customer.DeviceProtection),
                    TechSupport = WithInternet(customer.TechSupport),
                    StreamingTv = WithInternet(customer.StreamingTv),
                    StreamingMovies = WithInternet(customer.StreamingMovies),
                };
            }

            customer = customer with
            {
                MonthlyCharges = Math.Round(customer.MonthlyCharges * PriceRise, 2),
                TotalCharges = customer.TotalCharges is { } total ? Math.Round(total * PriceRise, 2) : null,
            };
            yield return ($"shifted-{i}", customer, random.NextDouble() < ChanceOfLeaving(customer) ? "Yes" : "No");
        }
    }

    private static double ChanceOfLeaving(Customer customer)
    {
        var fiber = customer.InternetService == "Fiber optic";
        var logOdds = -1.5 + (fiber ? 2.0 + 0.03 * (customer.Tenure - 24) : -0.04 * customer.Tenure)
            + (customer.PaymentMethod == "Electronic check" ? 0.5 : 0);
        return 1 / (1 + Math.Exp(-logOdds));
    }

    private static string WithInternet(string service) => service == "No internet service" ? "No" : service;
}
