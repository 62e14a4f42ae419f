using MlOps.Sdk;
using MlOps.Sdk.Data;

namespace CustomerChurn;

/// <summary>The table's rows as customers.</summary>
internal static class CustomerTable
{
    public static async Task<IReadOnlyList<Customer>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var rows = await DataSources.Csv(path).ReadAllAsync(cancellationToken);
        return [.. Enumerable.Range(0, rows.RowCount).Select(row => Read(rows, row))];
    }

    private static Customer Read(Dataset rows, int row)
    {
        return new Customer
        {
            Female = Whole("female"),
            SeniorCitizen = Whole("senior_citizen"),
            Partner = Whole("partner"),
            Dependents = Whole("dependents"),
            Tenure = Whole("tenure"),
            PhoneService = Whole("phone_service"),
            MultipleLines = Text("multiple_lines"),
            InternetService = Text("internet_service"),
            OnlineSecurity = Text("online_security"),
            OnlineBackup = Text("online_backup"),
            DeviceProtection = Text("device_protection"),
            TechSupport = Text("tech_support"),
            StreamingTv = Text("streaming_tv"),
            StreamingMovies = Text("streaming_movies"),
            Contract = Text("contract"),
            PaperlessBilling = Whole("paperless_billing"),
            PaymentMethod = Text("payment_method"),
            MonthlyCharges = rows["monthly_charges"].GetNumber(row),
            TotalCharges = rows["total_charges"].GetNumber(row) is var total && double.IsNaN(total) ? null : total,
        };

        int Whole(string column) => (int)rows[column].GetNumber(row);

        string Text(string column) => rows[column].GetText(row)!;
    }
}
