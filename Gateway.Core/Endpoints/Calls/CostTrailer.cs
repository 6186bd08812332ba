using System.Globalization;
using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// The trailer with the cost of a publish, by the fees in the answers and gas by estimate, in whole picodollars.
/// </summary>
internal static class CostTrailer
{
    internal const string Name = "xmtp-cost-picodollars";

    /// <summary>Connect's unary calls send trailers as headers with this prefix.</summary>
    internal const string ConnectName = "trailer-" + Name;

    internal static string Value(Picodollars cost) => cost.Value.ToString(CultureInfo.InvariantCulture);
}
