using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>A server process that is measured.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Url">Where it answers.</param>
/// <param name="IsGateway">Whether it takes client envelopes; the proxy takes payer envelopes.</param>
/// <param name="AllocationPort">Where it tells what it allocated.</param>
/// <param name="RedisId">The process of its Redis, whose processor time is read too; 0 for none.</param>
internal sealed record ServerUnderTest(ChildProcess Process, string Url, bool IsGateway, int AllocationPort, int RedisId = 0);
