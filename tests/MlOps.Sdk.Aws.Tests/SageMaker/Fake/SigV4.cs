using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>Signature Version 4, written from AWS's description and not from the SDK.</summary>
internal static class SigV4
{
    /// <summary>The signature of a request.</summary>
    /// <param name="secret">The secret key.</param>
    /// <param name="scope">Date, region and service: <c>20150830/us-east-1/iam/aws4_request</c>.</param>
    /// <param name="time">The time as <c>20150830T123600Z</c>.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The escaped path.</param>
    /// <param name="query">The sorted, escaped query.</param>
    /// <param name="headers">The signed headers, sorted, in lower case.</param>
    /// <param name="body">The body.</param>
    public static string Sign(
        string secret,
        string scope,
        string time,
        string method,
        string path,
        string query,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        byte[] body)
    {
        var canonical = string.Join('\n',
            method,
            path,
            query,
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n")),
            string.Join(';', headers.Select(header => header.Key)),
            Convert.ToHexStringLower(SHA256.HashData(body)));
        var text = string.Join('\n', "AWS4-HMAC-SHA256", time, scope, Convert.ToHexStringLower(SHA256.HashData(Bytes(canonical))));
        var key = scope.Split('/').Aggregate(Bytes($"AWS4{secret}"), (key, part) => HMACSHA256.HashData(key, Bytes(part)));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Bytes(text)));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
