using System.Globalization;
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Data;

namespace StreamScoring;

/// <summary>Another system that tells of customers. It is careful: what it is not sure of it sends again.</summary>
internal sealed class Producer(Broker broker, string table)
{
    private const int SentTwice = 10;

    /// <summary>Publishes customers of the table; each tenth message twice.</summary>
    /// <param name="prefix">What the ids of the messages begin with.</param>
    /// <param name="count">How many customers.</param>
    /// <param name="priceRise">By how much prices have risen since the table was written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many messages it sent.</returns>
    public async Task<int> PublishAsync(string prefix, int count, double priceRise, CancellationToken cancellationToken)
    {
        var rows = await DataSources.Csv(table).ReadAllAsync(cancellationToken: cancellationToken);
        var sent = 0;
        for (var i = 0; i < count; i++)
        {
            var message = new CustomerChanged(
                string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}"), CustomerOf(rows, i % rows.RowCount, priceRise));
            var json = JsonSerializer.SerializeToUtf8Bytes(message, Messages.Default.CustomerChanged);
            for (var copy = 0; copy < (i % SentTwice == 0 ? 2 : 1); copy++, sent++)
            {
                await broker.PublishAsync(Broker.Changed, json, cancellationToken: cancellationToken);
            }
        }

        return sent;
    }

    private static Customer CustomerOf(Dataset rows, int row, double priceRise) => new()
    {
        Tenure = (int)rows["tenure"].GetNumber(row),
        Contract = rows["contract"].GetText(row)!,
        InternetService = rows["internet_service"].GetText(row)!,
        PaymentMethod = rows["payment_method"].GetText(row)!,
        MonthlyCharges = rows["monthly_charges"].GetNumber(row) * (1 + priceRise),
    };
}
