using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

/// <summary>A kind of personal data that values look like.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PersonalKind>))]
public enum PersonalKind
{
    /// <summary>An email address.</summary>
    Email,

    /// <summary>A telephone number: 7 to 15 digits, written as one is (E.164 with a plus sign, or in groups).</summary>
    Phone,

    /// <summary>A bank account: an IBAN whose check digits are right (ISO 13616, mod 97).</summary>
    Iban,

    /// <summary>A payment card: 13 to 19 digits whose check digit is right (ISO/IEC 7812, Luhn).</summary>
    CardNumber,

    /// <summary>An IPv4 or IPv6 address.</summary>
    IpAddress,

    /// <summary>A person's name: the column's name says so, and the values are capitalised words.</summary>
    Name,
}
