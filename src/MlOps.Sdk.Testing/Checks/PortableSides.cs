using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>The rule of <c>SplitPortably</c>, written down a second time.</summary>
internal static class PortableSides
{
    /// <summary>The rows that are held out, from 0.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "No secret: the hash that every database has.")]
    public static IEnumerable<int> HoldoutOf(Dataset rows, string lifecycle, double test, IEnumerable<string> key)
    {
        string[] names = [.. key.Order(StringComparer.Ordinal)];
        var prefix = Hex(SHA256.HashData(Encoding.UTF8.GetBytes($"{lifecycle}\0{string.Join('\0', names)}")))[..32];
        for (var row = 0; row < rows.RowCount; row++)
        {
            var text = new StringBuilder(prefix);
            foreach (var name in names) text.Append(TextOf(rows[name], row));
            var hash = Hex(MD5.HashData(Encoding.UTF8.GetBytes(text.ToString())));
            var fraction = (ulong.Parse(hash[..16], NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> 11) * Math.ScaleB(1, -53);
            if (fraction < test) yield return row;
        }
    }

    private static string TextOf(Column column, int row) => column switch
    {
        _ when column.IsNull(row) => "n;",
        IntegerColumn integers => string.Create(CultureInfo.InvariantCulture, $"i{integers.Values[row]};"),
        BooleanColumn flags => flags.GetNumber(row) == 1 ? "b1;" : "b0;",
        TimestampColumn times => string.Create(
            CultureInfo.InvariantCulture, $"t{(times.GetTimestamp(row) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond};"),
        _ => string.Create(CultureInfo.InvariantCulture, $"s{Encoding.UTF8.GetByteCount(column.GetText(row)!)}:{column.GetText(row)};"),
    };

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
