using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using Polly;

namespace Acme;

/// <summary>Files as they come: in the formats of a country, in folders, from a web server, and with rows that cannot be read.</summary>
internal static class CollectedFiles
{
    public static CollectionBuilder European(CollectionBuilder data, string path, CultureInfo culture)
    {
        // begin-snippet: csv-of-a-country
        data.FromCsv(path, csv =>
        {
            csv.Delimiter = ';';
            csv.Encoding = System.Text.Encoding.Latin1; // a byte order mark goes before
            csv.Culture = culture;                      // 1.234,50 and 31.12.2024
            csv.DateFormats.Add("yyyyMMdd");            // with formats of their own, dates are read by these alone
        });
        // end-snippet
        return data;
    }

    public static CollectionBuilder Folder(CollectionBuilder data, string path)
    {
        // begin-snippet: folder-of-files
        data.FromFolder(path, "**/*.jsonl", file => DataSources.JsonLines(file), read => read.OnlyNew()) // year=2024/month=03/orders.jsonl
            .KeepEarlierRows()
            .Malformed(MalformedRows.Quarantine, tolerance: 0.05);
        // end-snippet
        return data;
    }

    public static CollectionBuilder Joined(CollectionBuilder data, string orders, string customers)
    {
        // begin-snippet: joined-sources
        data.From(
            DataSources.Csv(orders)
                .Join(DataSources.Csv(customers), on: ["customer_id"], columns: ["city", "signed_at"], prefix: "customer_"),
            read => read.OnlyNew().Resilience(pipeline => pipeline.AddTimeout(TimeSpan.FromMinutes(1)))); // what is new of the orders
        // end-snippet
        return data;
    }

    public static CollectionBuilder Downloaded(CollectionBuilder data, Uri url, HttpClient client)
    {
        // begin-snippet: downloaded-file
        data.FromHttp(url, file => DataSources.JsonLines(file, json => json.Schema = new Schema(
            new Field("customer.id", ColumnType.Integer),
            new Field("embedding", ColumnType.Vector, 3))), http =>
            {
                http.Client = client;
                http.MaxBytes = 50_000_000;
            });
        // end-snippet
        return data;
    }
}
