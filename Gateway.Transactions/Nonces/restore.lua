-- ARGV: epoch, the lowest nonce, how many mined transactions are kept. Answers how many were entered.
if forgotten() then return {'forgotten'} end
return {'done', text(restore(tonumber(ARGV[2]), meta('@floor'), tonumber(ARGV[3])))}
