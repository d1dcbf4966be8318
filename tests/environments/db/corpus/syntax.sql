-- tables: a b c
select 1 = not 2
select 1 + not 2
select not 1 + 2
select ! 1 + 2
select 1 in (1) in (1)
select 1 = 1 = 1
select 1 is null is null
select 1 = 2 is null
select 1 between 0 and 2 and 1
select 1 between 0 and 2 between 0 and 1
select 1 like 2 like 3
select 1 like 2 = 3
select a.id from a where id not null
select 1 == 1
select id, * from a
select *, id from a
select a.*, id, b.* from a, b
select a.*, * from a
select id from a group by
select id from a where id in ()
select id from a order by id offset 1
select id from a limit 1 order by id
select 1 order by 1 union select 2
select 1 union select 2 order by 1 limit 1 union select 3
(select 1 limit 1) union (select 2) order by 1
((select 1))
(select 1) union select 2
select (select 1 union select 2 limit 1)
select * from (a)
select * from (a, b)
select * from (select 1) 
select * from a as t1 (x, y)
select * from a join b
select * from a join b join c on b.id=c.a_id
select * from a join b join c on a.id=c.a_id
select * from a left join b
select * from a left join b left join c on b.id=c.a_id on a.id=b.id
select * from a inner join b on a.id=b.id, c
select * from a cross join b on a.id=b.id
select * from a straight_join b on a.id=b.id
select * from a natural join b on a.id=b.id
select * from a full join b on a.id=b.id
select * from a full outer join b on a.id=b.id
select * from a where id=1 and
select id x y from a
select id as 'x' from a
select id 'x' from a
select id as "x" from a
select id as x.y from a
select id as rank from a
select id as groups from a
select id as system from a
select id as row_number from a
select id as key from a
select id as order from a
select id key from a
select a.order from a
select a.key from a
select id as count from a
select count from a
select id as date from a
select id as position from a
select id as offset from a
select id as value from a
select id as window from a
select id as rows from a
select id as over from a
select id as recursive from a
select id as lateral from a
select 1 as `order`
select distinct all id from a
select all id from a
select distinct distinct id from a
select sql_no_cache id from a
select id from a for update
select id from a lock in share mode
select id from a where id = 1 for update
select id from a limit 1, 1
select id from a limit 1 offset 1
select id from a limit 1 offset 1 + 1
select id from a limit -1
select id from a limit '1'
select id from a limit 1.5
select id from a limit null
select id from a limit all
select id from a having id > 1
select case when 1 then 2 end
select case 1 when 1 then 2 else 3 end
select case else 3 end
select case when 1 then 2 else end
select cast(1 as int)
select cast(1 as bigint)
select cast(1 as integer)
select cast(1 as varchar(10))
select cast(1 as text)
select cast(1 as numeric)
select cast(1 as numeric(10,2))
select cast(1 as dec(10,2))
select cast(1 as fixed(10,2))
select cast(1 as real)
select cast(1 as double precision)
select cast(1 as char character set utf8mb4)
select cast(1 as char(3) charset utf8mb4)
select cast(1 as nchar(3))
select cast(1 as nchar varying(3))
select cast(1 as timestamp)
select cast(1 as year)
select cast(1 as boolean)
select convert(1, int)
select convert('a' using utf8)
select 'a' 'b'
select 1 'b'
select 'a' || 'b'
select 1 && 0
select 1 | 2 & 3 ^ 4
select 2 ^ 3 * 2
select - - 1
select --1
select 5 mod 3
select 5 div 3
select mod(5,3)
select 1 <> 2, 1 != 2, 1 <=> 2
select 1 is true, 1 is not false, 1 is unknown
select null is not unknown
select 1 is 1
select 1 is not 1
select 'a' rlike 'a', 'a' not rlike 'b', 'a' regexp 'a'
select binary 'a' = 'A'
select interval 1 day + '2020-01-01'
select '2020-01-01' - interval 1 day
select interval 1 day - '2020-01-01'
select date '2020-01-01', time '10:00:00', timestamp '2020-01-01 00:00:00'
select {d '2020-01-01'}
select N'a', _utf8mb4'a'
select 1.e1, .5, 1.
select 1e0-1e0
select 2e
select exists(select 1), not exists(select 1 where 1=0)
select 1 where 1
select 1 from dual where 1
select 1 group by 1
select 1 having 1
select 1 limit 1
select 1 order by 1
select id from a where exists (select 1) is true
select (1,2) = (1,2)
select row(1,2) = row(1,2)
select row(1) = row(1)
select 1 = any (select 1)
select 1 = some (select 1)
select 1 > all (select id from a)
select 1 = any (1,2)
select 1 in (select 1)
select 1 in ((select 1))
select 1 in ((select 1), 2)
select (select 1), ((select 1))
select all 1
select if(1,2,3), left('abc',1), right('abc',1), repeat('a',2), insert('abc',1,1,'x'), replace('a','a','b')
select position('a' in 'ba'), substring('abc' from 2 for 1), substr('abc',2), mid('abc',1,1), trim('a' from 'aba'), trim(both from ' a '), trim(leading 'x' from 'xa'), trim(' a ')
select group_concat(id order by id desc separator '-') from a
select count(distinct id, x), count(all id) from a
select count(*) from a
select sum(*) from a
select count( * ) from a
select count (*) from a
select count() from a
select count(distinct) from a
select sum(distinct id) from a
select max(all id) from a
select coalesce(distinct 1, 2)
select row_number() over w from a window w as (order by id)
select row_number() over (w) from a window w as (order by id)
select lag(id,1) over (order by id) from a
select ?
select :a
select id from a use index (x)
select id from a ignore index ()
select a.id from corpus.a
select corpus.a.id from a
select .a.id from a
select `a`.`id` from `a`
select a . id from a
select a. id from a
select a.* from a
select corpus.a.* from a
select '{"a":1}' -> '$.a'
select 2 = 3 in (0)
select 0 = 1 like 2
select 'a' like 'a' + 1
select 'ab' like 'a' 'b'
select 'ab' like 'a' || 'b'
select 1 regexp 1 + 1
select sum (id) from a
select count (id) from a
select max (id) from a
select now ()
select substring ('abc',1)
select concat ('a','b')
select upper ('a')
select date_add ('2020-01-01', interval 1 day)
select cast (1 as char)
select trim (' a')
select nosuch(1)
select corpus.nosuch(1)
select 1 in (1,2) = 1
select 1 <=> 1 is null
select count(distinct *) from a
select count(id, x) from a
select avg(distinct id, x) from a
select min(id x) from a
select 1 as a b
select a.id from a where (id, x) in ((1,10),(2,30))
select not not 1
select case when not 1 then 2 else not 3 end
select id from a where not id = 1 and not x = 1
select (not 1) + 1
select interval 1 day
select date_add('2020-01-01', 1)
select adddate('2020-01-01', interval (1+1) day)
select '2020-01-01' + interval 1+1 day
select '2020-01-01' + interval 1 day + interval 1 month
select interval (1) day + '2020-01-01'
select if (1,2,3)
select left ('abc',1)
select replace ('abc','a','b')
select id from a order by id asc, x desc
select id from a order by id desc asc
select id from a group by id having 1 order by 1 limit 1 for update
select id from a for update limit 1
select id from a limit 1 for update
select id from a group by (id)
select id from a group by id, (x)
select id from a group by ()
select * from a, (select 1 as z) t
select * from ((select 1 as z) union (select 2)) t
select * from ((select 1 as z)) t
select * from (((select 1 as z) t))
select * from ((select 1 as z) t join a on a.id=t.z)
select * from (((a)))
select * from ((a join b on a.id=b.id) join c on c.a_id=a.id)
select * from ((a join b using(id)) left join c on c.a_id=a.id) join c c2 on c2.id=c.id
select * from (a) t
select * from (a as q)
select 1 from a q where a.id = 1
select '\x41', 'a\%', "a""b", 'it''s'
select id`x` from a
select id"x" from a
select 1.5e from a
select 1a from a
select a.1a from a
select 0xZZ from a
select x'4'
select n'abc', N'abc'
select _nosuch'abc'
select {t '10:00:00'}, {ts '2020-01-01 10:00:00'}
select cast(1 as signed int), cast(1 as unsigned int), cast(1 as signed integer)
select convert(1, signed integer), convert('1', decimal(5,2))
select convert(ln(14000),decimal(5,3)), convert(upper('x') using utf8mb4), convert(avg(1),decimal(5,1))
select group_concat(id separator ', ') from a
select group_concat(id, x) from a
select group_concat(all id) from a
select count(*) over () from a
select avg(id) over w from a window w as (order by id), v as (w)
select id from a order by id window w as ()
select sum(id) over nosuch from a
select sum(id) over (w order by x) from a window w as (partition by id)
select sum(id) over (w partition by x) from a window w as (order by id)
select sum(id) over (w order by x) from a window w as (order by id)
select sum(id) over (w) from a window w as (order by id rows 1 preceding)
select sum(id) over w from a window w as (order by id rows 1 preceding)
select id from a window w as (), w as ()
select 1 union (select 2 limit 1)
(select 1) order by 1 limit 1
(select 1) limit 1 order by 1
select 1 intersect select 1 union select 2
with c as (select 1 as z) select * from c
with c as (select 1), select 1
select * from (with c as (select 1 as z) select * from c) t
with c as (select 1 as z) (select * from c)
select id from a where id in (with c as (select 1 as z) select z from c)
select (with c as (select 1 as z) select z from c)
delete a from a where id = 99
delete from a using a where id = 99
delete a.* from a where id = 99
delete from a limit 1,1
delete from a limit 0 where id = 99
delete a where id = 99
delete from a, b where id = 99
delete q from a q where q.id = 99
delete a from a q where q.id = 99
update a q set q.x = 1 where q.id = 99
update a set x = default where id = 99
update a set x where id = 99
update a set x = 1, where id = 99
update a set where id = 99
update a where id = 99
update set x = 1
update a set x = 1 from a
update a set x := 1 where id = 99
update a set x == 1 where id = 99
update a set x = 1 and id = 2 where id = 99
update a set x = 1 limit 1, 1
update a, a b set a.x = 1 where a.id = 99
update a set a.x = 1 limit x
insert into a values (98, 1), (97)
insert into a (id) values (98),
insert into a (id) values ()
insert into a (id,) values (1)
insert into a values 98, 1
insert into a set id = 98, x
insert into a (id) with c as (select 1) select * from c
insert into a (a.id) values (98)
insert into a as b values (98, 1)
insert into ignore a values (98, 1)
insert overwrite a values (98, 1)
insert or replace into a values (98, 1)
insert into a values (98, 1) on conflict do nothing
insert into a values (98, default + 1)
replace into a values (98, 1) on duplicate key update x = 2
replace ignore into a values (98, 1)
select * from a where id = 1 limit 1 offset
select from a
select id, from a
select , id from a
select id from
select id from a,
select id from a where
select id from a where id in (1,)
select id from a where id between 1
select id from a where id is
select id from a where (id = 1
select id from a where id = 1)
select id from a order id
select id from a group id
select id from a order by
select id from a limit
select id from a limit nosuch
select id from a join
select id from a on id = 1
select id from a left b
select id from a union
select id from a where id = 1 or or id = 2
select id from a where and id = 1
select concat('a' , )
select concat(,'a')
select id from a where id not = 1
select id from a where id < > 1
select id from a where id =< 1
select id from a where id => 1
select id from a where id = = 1
select id from a where id =! 1
select id from a where id ** 2
select id from a where id = 'a
select id from a where `id = 1
select 'a' + 'b' as 'c' 'd'
select distinctrow id from a
select all distinct id from a
select id high_priority from a
select id from b group by id order by count(*) desc limit 1 having id>1
select id from a order by id where id>1
select id from a having id>1 group by id
select id from a limit 1 where id=2
select id from a order by id group by id
select a.id from a where a.id=1 join b on a.id=b.id
select id from a limit 1 union select id from b
select id from a order by id limit 1 union all select y from b limit 1
select * from a where id in (select id from b order by y limit 1)
select * from a where id=any(select id from b limit 1)
select * from a where id not in (select id from b limit 0)
delete from a where id in (select id from b limit 1)
select id from a where id in ((select id from b limit 1) union (select 3))
update a set x = 9 where id in (select id from nosuch limit 1)
select * from a where id in (select id from (select id from b order by y limit 1) t)
select id from a where x = (select y from b order by y limit 1)
select a.id,count(*) from a join b on a.id=b.id group by a.id order by id
select a.id from a join b on a.id=b.id order by id
select a.id,b.id from a join b on a.id=b.id order by id
select a.id,count(*) from a join b on a.id=b.id group by id
select a.*,b.y from a join b on a.id=b.id order by id
select a.id,count(*) c from a join b on a.id=b.id group by a.id having id>1
select id as c, x as c from a order by c
select id as c, x as c from a group by c
select id as c, id as c from a order by c
select x as z from a group by x having avg(z) > 10
select x as z from a group by x having max(z) > 10 order by z
select id*0 as id from a group by id having id <> 0
select count(id) as b from a where id=0 having b>=0
select count(*) from a where id=0 having count(*)=0
select max(id) from a where id>5 having max(id) is null
select count(*) from a where id=99 having 1=1
select min(id) from a where id>10 having 1 in (select 1)
select count(*) from a having count(*) > 5
select id num,(select y from b where b.id=num) from a
select x*2 as d,(select d+1) from a
select (select d+1), x*2 as d from a
select id from a where x in (select y*2 from b group by id,y having a.id<=10)
select * from a where exists(select 1 from b where b.id=a.id group by b.id having sum(y)<a.x)
select * from a where x>(select sum(y) from b group by id having id=a.id)
select * from a where (id,x)=any(select id,y*2 from b)
select * from a where (id,x)<>all(select id,y from b)
select (select 1,2)=(select 1,2)
select * from a where (id,x)=(select 1,10)
select (1,2)>(1,1), (1,2)<(1,2), (1,2)<=(1,2), (2,null)>(1,1), (1,null)>(1,1)
select (1,2) = (1,2,3)
select (1,2) = 1
select (select 1,2) = 1
select (id,x) > any (select id,y from b) from a
select * from a where (id,x) in (select id,y*2 from b)
select * from a where (id,x) in (select id,y*2 from b limit 1)
select true, false, null, TRUE
select * from a natural join b natural join c
select * from a natural left join b natural left join c
select id from a natural join b natural join c
select count(*) from a natural join b natural join c
select * from a join b using(id) join c using(id)
select * from (a natural join b) natural join c
select * from a natural right join b
select * from a right join b using (id)
select * from a right join b on a.id=b.id and b.y>5
select * from a join b using (nosuch)
select * from a join b join c using (id)
select * from a join b on a.id=b.id join c using (id)
select a.*, b.* from a natural join b
select b.id from a natural join b
select * from a left join b join c on b.id=c.a_id on a.id=b.id
select a.id,c.id from a left join b left join c on b.id=c.a_id on a.id=b.id
select * from a join b left join c on a.id=c.a_id
select * from a, b join c on b.id=c.a_id
select * from a, b join c on a.id=c.a_id
select * from a cross join b join c on a.id=c.a_id
select * from a a1 join a a1 on 1
select * from a, a
select id from a use index (nosuch)
select update from a
select id from a where order = 1
select id as from from a
select count(x) key from a
select a.update from a
select id from a where rows = 1
select range from a
select id from select
select interval from a
select id from a where lines = 1
